import { expect, fixture, html } from '@open-wc/testing';
import { sendKeys } from '@web/test-runner-commands';
import 'diffusion-elements';
import type { DiffusionForward } from 'diffusion-elements';
import { TorchGenerator } from 'diffusion-elements/schedulers';
import { frame, mount, until } from '../helpers/painting.js';
import { nextEvent } from '../helpers/pictures.js';

const forward = async (attributes = '') => {
  const element = await mount<DiffusionForward>(
    `<diffusion-forward loading="eager" ${attributes}></diffusion-forward>`,
  );
  await until(() => canvases(element).length > 0 || element.error);
  await element.updateComplete;
  return element;
};

const canvases = (element: DiffusionForward) => [
  ...element.shadowRoot!.querySelectorAll<HTMLCanvasElement>('.stage canvas'),
];

const pixels = (canvas: HTMLCanvasElement) =>
  canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data;

const slider = (element: DiffusionForward) =>
  element.shadowRoot!.querySelector<HTMLInputElement>('input[type=range]')!;

/** alpha bar of the linear schedule, in double precision. */
function alphaBar(timestep: number): number {
  let product = 1;
  for (let t = 0; t <= timestep; t++) product *= 1 - (0.0001 + (0.0199 * t) / 999);
  return product;
}

describe('<diffusion-forward>', () => {
  it('shows x_t in closed form, to the byte', async () => {
    const element = await forward('label="bag" timestep="300" seed="5"');
    const [canvas] = canvases(element);
    const noised = pixels(canvas!);
    element.timestep = 0;
    await element.updateComplete;
    const nearly = pixels(canvas!);
    const noise = new TorchGenerator(5).randn(784);
    const [a0, a300] = [alphaBar(0), alphaBar(300)];
    let wrong = 0;
    for (let i = 0; i < 784; i++) {
      // The picture itself is known within the step of a byte, from its nearly clean version.
      const x0 = (nearly[4 * i]! / 127.5 - 1 - Math.sqrt(1 - a0) * noise[i]!) / Math.sqrt(a0);
      const xt = Math.sqrt(a300) * x0 + Math.sqrt(1 - a300) * noise[i]!;
      const expected = Math.min(255, Math.max(0, 127.5 + 127.5 * xt));
      if (nearly[4 * i]! > 0 && nearly[4 * i]! < 255 && Math.abs(noised[4 * i]! - expected) > 2)
        wrong++;
    }
    expect(wrong).to.equal(0);
  });

  it('keeps the noise as the slider moves, and reports a person, not code', async () => {
    const element = await forward('timestep="500"');
    const first = pixels(canvases(element)[0]!).slice();
    const events: string[] = [];
    for (const type of ['input', 'change']) {
      element.addEventListener(type, () => events.push(type));
    }
    element.timestep = 501;
    await element.updateComplete;
    expect(events).to.deep.equal([]);
    slider(element).focus();
    await sendKeys({ press: 'ArrowLeft' });
    await element.updateComplete;
    expect(element.timestep).to.equal(500);
    expect(events).to.deep.equal(['input', 'change']);
    expect(pixels(canvases(element)[0]!)).to.deep.equal(first);
  });

  it('sets schedules side by side, with pictures at marks', async () => {
    const element = await forward('beta-schedule="linear squaredcos_cap_v2" marks="0 500 999"');
    await element.updateComplete;
    expect(canvases(element)).to.have.length(2);
    const marks = element.shadowRoot!.querySelectorAll<HTMLButtonElement>('.strip button');
    expect(marks).to.have.length(6);
    marks[1]!.click();
    await element.updateComplete;
    expect(element.timestep).to.equal(500);
    expect(element.shadowRoot!.textContent).to.contain('squaredcos_cap_v2');
  });

  it('takes a picture of its own: src, an img inside, or a property, in its colours', async () => {
    const element = await forward(`src="${frame(40)}" timestep="0"`);
    expect(canvases(element)[0]!.width).to.equal(40);
    const slotted = await forward(`timestep="0"><img src="${frame(52)}" alt=""`);
    await until(() => canvases(slotted)[0]!.width === 52);
    const red = new ImageData(
      Uint8ClampedArray.from({ length: 64 }, (_, i) => [200, 20, 20, 255][i % 4]!),
      4,
      4,
    );
    const loaded = nextEvent(element, 'load');
    element.src = red;
    await loaded;
    await element.updateComplete;
    const [r, g] = pixels(canvases(element)[0]!);
    expect(r! - g!).to.be.above(100);
    expect((await element.toBlob()).type).to.equal('image/png');
  });

  it('fits a photo of 2000 pixels into 512, and draws a frame of it in a few milliseconds', async () => {
    const element = await forward(`src="${frame(2000)}"`);
    await until(() => canvases(element)[0]!.width === 512);
    const start = performance.now();
    for (let t = 0; t < 20; t++) {
      element.timestep = 40 * t;
      await element.updateComplete;
    }
    expect((performance.now() - start) / 20).to.be.below(40);
  });

  it('fetches neither the runtime nor weights, and nothing before it is near', async () => {
    await forward('label="dress"');
    const fetched = performance.getEntriesByType('resource').map(({ name }) => name);
    expect(fetched.some((name) => /fashion-mnist\/unet|runtime\/.*\.bin/.test(name))).to.equal(
      false,
    );
    const box = await fixture(html`
      <div>
        <div style="height: 3000px"></div>
        <diffusion-forward></diffusion-forward>
      </div>
    `);
    const far = box.querySelector<DiffusionForward>('diffusion-forward')!;
    await far.updateComplete;
    expect(canvases(far)).to.have.length(0);
  });

  for (const [attribute, value, word] of [
    ['beta-schedule', 'cubic', 'squaredcos_cap_v2'],
    ['timestep', '1000', '0 to 999'],
    ['timestep', 'late', 'whole number'],
    ['num-train-timesteps', '1', '2 to 10000'],
    ['beta-end', '2', 'between 0 and 1'],
    ['marks', '0 4000', '0 to 999'],
    ['label', 'banana', 'ankle boot'],
  ]) {
    it(`says what ${attribute}="${value}" should be, and works once it is mended`, async () => {
      const element = await forward('label="bag"');
      const failed = nextEvent<Event & { error: { code: string; message: string } }>(
        element,
        'error',
      );
      element.setAttribute(attribute!, value!);
      const { error } = await failed;
      expect(error.code).to.equal('invalid-option');
      expect(error.message).to.contain(attribute).and.to.contain(word);
      await element.updateComplete;
      expect(element.shadowRoot!.querySelector('[part=error]')!.textContent).to.equal(
        error.message,
      );
      element.removeAttribute(attribute!);
      await until(() => !element.error);
      await element.updateComplete;
      expect(element.shadowRoot!.querySelector('[part=error]')).to.equal(null);
      expect(canvases(element)).to.have.length(1);
    });
  }

  it('says why a picture could not be read', async () => {
    const element = await forward('src="/no-such-picture.png"');
    await until(() => element.error);
    expect(element.error!.code).to.equal('image-invalid');
  });

  it('plays to pure noise and stops, and rests while it is away', async () => {
    const element = await forward('timestep="990"');
    const play = element.shadowRoot!.querySelector<HTMLButtonElement>('.player button')!;
    play.click();
    await until(() => element.timestep === 999);
    await element.updateComplete;
    expect(play.getAttribute('aria-label')).to.equal('Play');
  });

  it('is accessible, also from right to left and in the dark', async () => {
    const element = await forward('beta-schedule="linear sigmoid" marks="0 500"');
    await expect(element).to.be.accessible();
    const box = await fixture<HTMLElement>(html`
      <div dir="rtl" style="width: 320px; color-scheme: dark; background: #111; color: white">
        <diffusion-forward loading="eager" marks="0 250 500 750 999"></diffusion-forward>
      </div>
    `);
    const inner = box.querySelector<DiffusionForward>('diffusion-forward')!;
    await until(() => canvases(inner).length > 0);
    expect(box.scrollWidth).to.equal(320);
    await expect(inner).to.be.accessible();
  });

  it('gives its memory back when it is taken away, and shows its picture again when it is back', async () => {
    const element = await forward('label="coat"');
    const parent = element.parentElement!;
    element.remove();
    parent.append(element);
    await until(() => canvases(element).length > 0);
  });
});
