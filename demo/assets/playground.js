// The controls of a playground page: one for each attribute. The tag beside them is the state; the address keeps it.

const play = document.querySelector('#play');
const tag = play.dataset.tag;
const live = play.querySelector(tag);
const form = play.querySelector('form');
const attributes = JSON.parse(document.querySelector('#attributes').textContent);

/** What people change first; the rest is folded away. */
const first = [
  ...['prompt', 'prompt-style', 'attention', 'model', 'strengths'],
  ...['live', 'seed-pad', 'label-blend', 'quality', 'strength'],
  ...['label', 'to-label', 'steps', 'seed', 'from-seed', 'to-seed', 'four-seeds', 'scheduler'],
  ...['schedulers', 'guidance-scale', 'guidance-scales', 'count', 'trajectory', 'controls'],
  ...['beta-schedule', 'plot', 'timestep', 'marks', 'data', 'letters', 'learning-rate', 'width'],
  ...['mask-preset', 'resamplings', 'frames', 'loop', 'brush-size', 'tool', 'src'],
];

const choices = {
  label: [
    '',
    't-shirt',
    'trouser',
    'pullover',
    'dress',
    'coat',
    'sandal',
    'shirt',
    'sneaker',
    'bag',
    'ankle boot',
  ],
  model: ['', 'emoji', 'fashion-mnist', 'fashion-mnist-turbo'],
  'prompt-style': ['', '3d', 'flat', 'cartoon', 'noto style'],
  quality: ['', 'fast', 'best'],
  plot: ['', 'alphas-cumprod', 'betas', 'snr'],
  data: ['', 'moons', 'spiral', 'ring', 'letters', 'drawn'],
  tool: ['', 'brush', 'eraser', 'rectangle'],
  backend: ['', 'auto', 'webgpu', 'wasm'],
  preload: ['', 'none', 'metadata', 'auto'],
  loading: ['', 'lazy', 'eager'],
  fit: ['', 'cover', 'contain'],
  scheduler: [
    '',
    ...['ddim', 'ddpm', 'unipc', 'dpm++', 'dpm++-sde', 'dpm++-single', 'deis', 'euler', 'euler-a'],
    ...['heun', 'lms', 'pndm', 'lcm', 'tcd'],
  ],
  'mask-preset': ['', 'thin', 'wide', 'half', 'expand', 'alternating-lines', 'super-resolution'],
};
choices['to-label'] = choices.label;

const isFlag = ({ type }) => /^boolean$/.test(type?.text ?? '');
const isNumber = ({ type }) => /number/.test(type?.text ?? '') && !/string|bigint/.test(type.text);

/** What the page itself has put there. */
const own = ['poster', 'posters'];

/** The attributes as they stand, without what the page itself has put there. */
function state() {
  const known = new Set(attributes.map(({ name }) => name));
  return [...live.attributes]
    .filter(({ name }) => known.has(name) && !own.includes(name))
    .map(({ name, value }) => [name, value]);
}

function field(attribute) {
  const { name, description } = attribute;
  const label = document.createElement('label');
  const hint = document.createElement('small');
  hint.textContent = (description ?? '').replaceAll('`', '');
  let input;
  if (isFlag(attribute)) {
    label.className = 'check';
    input = Object.assign(document.createElement('input'), { type: 'checkbox' });
    input.checked = live.hasAttribute(name);
  } else if (choices[name]) {
    input = document.createElement('select');
    input.append(...choices[name].map((value) => new Option(value || '–', value)));
    input.value = live.getAttribute(name) ?? '';
  } else {
    input = document.createElement('input');
    if (isNumber(attribute)) Object.assign(input, { type: 'number', step: 'any' });
    input.value = live.getAttribute(name) ?? '';
  }
  input.id = `set-${name}`;
  input.addEventListener('change', () => {
    const value = input.type === 'checkbox' ? (input.checked ? '' : null) : input.value || null;
    if (value === null) live.removeAttribute(name);
    else live.setAttribute(name, value);
    show();
    redraw();
  });
  const text = document.createElement('span');
  text.textContent = name;
  label.append(...(label.className ? [input, text] : [text, input]), hint);
  return label;
}

const isFlagName = (name) => attributes.some((each) => each.name === name && isFlag(each));
const camel = (name) => name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());

const languages = {
  HTML: (pairs) => `<script type="module" src="diffusion-elements.js"></script>\n${markup(pairs)}`,
  React: (pairs) =>
    `import 'diffusion-elements';\nimport 'diffusion-elements/react'; // types\n\nexport const Picture = () => (\n  ${markup(pairs, (name, value) => (value === '' && isFlagName(name) ? camel(name) : `${camel(name)}="${value}"`))}\n);`,
  Vue: (pairs) =>
    `<script setup>\nimport 'diffusion-elements';\n</script>\n\n<template>\n  ${markup(pairs)}\n</template>`,
  Svelte: (pairs) => `<script>\n  import 'diffusion-elements';\n</script>\n\n${markup(pairs)}`,
};
let language = 'HTML';

function markup(pairs, write = (name, value) => (value === '' ? name : `${name}="${value}"`)) {
  const written = pairs.map(([name, value]) =>
    write(name, value.replaceAll('"', '&quot;').replace(/^(\.\.\/)+pictures\//, '')),
  );
  // One line, where it is short; else a line for each.
  const line = ['', ...written].join(' ');
  const text = line.length > 44 ? `\n  ${written.join('\n  ')}\n` : line;
  return `<${tag}${text}></${tag}>`;
}

function show() {
  const pairs = state();
  document.querySelector('#code').textContent = languages[language](pairs);
  history.replaceState(null, '', `#${new URLSearchParams(pairs)}`);
  for (const button of document.querySelectorAll('.tabs button')) {
    button.setAttribute('aria-pressed', String(button.textContent === language));
  }
}

let waiting;

/** Draws again what has been drawn, as it is now; an element that fails says why itself. */
function redraw() {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    if (['done', 'failed', 'generating'].includes(live.state)) live.generate().catch(() => {});
  }, 400);
}

/** The state of a link that somebody was given. */
function restore() {
  const given = new URLSearchParams(location.hash.slice(1));
  if (given.size === 0) return;
  for (const { name } of attributes) {
    if (given.has(name)) live.setAttribute(name, given.get(name));
    else if (!own.includes(name)) live.removeAttribute(name);
  }
}

async function copy(button, text) {
  const { textContent: name } = button;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = 'Copied';
  } catch {
    button.textContent = 'The browser did not allow it';
  }
  setTimeout(() => (button.textContent = name), 1500);
}

restore();
const shown = first.flatMap((name) => attributes.filter((each) => each.name === name));
const folded = attributes.filter(({ name }) => !first.includes(name) && !own.includes(name));
const details = document.createElement('details');
details.append(
  Object.assign(document.createElement('summary'), { textContent: 'More attributes' }),
);
details.append(...folded.map(field));
form.append(...shown.map(field), details);
form.addEventListener('submit', (event) => event.preventDefault());
document.querySelector('.tabs').append(
  ...Object.keys(languages).map((name) => {
    const button = Object.assign(document.createElement('button'), {
      type: 'button',
      textContent: name,
    });
    button.addEventListener('click', () => {
      language = name;
      show();
    });
    return button;
  }),
);
document
  .querySelector('#copy')
  .addEventListener('click', ({ currentTarget }) =>
    copy(currentTarget, languages[language](state())),
  );
document
  .querySelector('#link')
  .addEventListener('click', ({ currentTarget }) => copy(currentTarget, location.href));
// What a person changes in the element itself.
live.addEventListener('change', () => {
  for (const attribute of attributes) {
    const value = live[attribute.fieldName];
    const isText = ['string', 'number'].includes(typeof value) && value !== '';
    if (isText && String(value) !== live.getAttribute(attribute.name)) {
      live.setAttribute(attribute.name, value);
    }
    const input = document.getElementById(`set-${attribute.name}`);
    if (!input) continue;
    if (input.type === 'checkbox') input.checked = live.hasAttribute(attribute.name);
    else input.value = live.getAttribute(attribute.name) ?? '';
  }
  show();
});
addEventListener('hashchange', () => {
  restore();
  show();
});
show();
