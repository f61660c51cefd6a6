const hero = document.querySelector('#hero');
const copy = document.querySelector('#copy');

let started = 0;
hero.addEventListener('step', (event) => {
  if (event.step === 1) started = performance.now();
});

const machines = { webgpu: 'graphics processor', wasm: 'processor' };

hero.addEventListener('load', () => {
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const facts = document.querySelector('#facts');
  facts.textContent = `${hero.images.length} pictures in ${seconds}\u00a0s on this machine’s ${machines[hero.activeBackend]}, seed ${hero.lastSeed}; nothing was uploaded.`;
  facts.title = hero.backendReason;
});

copy.addEventListener('click', async () => {
  const script = '<script type="module" src="diffusion-elements.js"></script>';
  const tag = `${script}\n<diffusion-sampler controls autoplay count="16" trajectory label="${hero.label ?? ''}"></diffusion-sampler>`;
  await navigator.clipboard.writeText(tag);
  copy.textContent = 'Copied';
  setTimeout(() => (copy.textContent = 'Copy the tag'), 1500);
});

const masks = [
  ['thin', 'ankle boot'],
  ['wide', 'pullover'],
  ['half', 'bag'],
  ['expand', 'bag'],
  ['alternating-lines', 'dress'],
  ['super-resolution', 'sneaker'],
];
document.querySelector('#masks').append(
  ...masks.map(([preset, label]) => {
    const figure = document.createElement('figure');
    const picture = `pictures/${label.replace(' ', '-')}.png`;
    figure.innerHTML = `
      <diffusion-inpaint
        controls readonly autoplay seed="1" src="${picture}" label="${label}" mask-preset="${preset}"
      ></diffusion-inpaint>
      <figcaption><code>mask-preset="${preset}"</code></figcaption>`;
    return figure;
  }),
);
