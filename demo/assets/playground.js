// A playground page: a control for each attribute. The tag beside them is the state; the address keeps it.

const play = document.querySelector('#play');
const tag = play.dataset.tag;
const live = play.querySelector(tag);
const form = play.querySelector('form');
/** One for each attribute that is not the page's own. */
const inputs = [...form.querySelectorAll('[data-attribute]')];
const inputOf = new Map(inputs.map((input) => [input.dataset.attribute, input]));

/** The attributes as they stand, without what the page itself has put there. */
const state = () =>
  [...live.attributes]
    .filter(({ name }) => inputOf.has(name))
    .map(({ name, value }) => [name, value]);

/** Shows the attributes as they stand in the controls. */
function fill() {
  for (const input of inputs) {
    const value = live.getAttribute(input.dataset.attribute);
    if (input.type === 'checkbox') input.checked = value !== null;
    else input.value = value ?? '';
    // What a list of choices does not foresee.
    if (input.options && value && input.value !== value)
      input.add(new Option(value, value, true, true));
  }
}

/** A model reads words, or knows classes. */
const rivals = { prompt: 'label', label: 'prompt' };

function follow(input) {
  const { attribute } = input.dataset;
  const value = input.type === 'checkbox' ? (input.checked ? '' : null) : input.value || null;
  if (value === null) live.removeAttribute(attribute);
  else live.setAttribute(attribute, value);
  if (value && rivals[attribute]) {
    live.removeAttribute(rivals[attribute]);
    fill();
  }
  show();
  redraw();
}

const isFlag = (name) => inputOf.get(name).type === 'checkbox';
const camel = (name) => name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());

const languages = {
  HTML: (pairs) => `<script type="module" src="diffusion-elements.js"></script>\n${markup(pairs)}`,
  React: (pairs) =>
    `import 'diffusion-elements';\nimport 'diffusion-elements/react'; // types\n\nexport const Picture = () => (\n  ${markup(pairs, (name, value) => (value === '' && isFlag(name) ? camel(name) : `${camel(name)}="${value}"`))}\n);`,
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
  for (const name of inputOf.keys()) {
    if (given.has(name)) live.setAttribute(name, given.get(name));
    else live.removeAttribute(name);
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
fill();
for (const input of inputs) input.addEventListener('change', () => follow(input));
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
const fields = () => inputs.map(({ dataset }) => live[dataset.field]);
let before = [];
void customElements.whenDefined(tag).then(() => (before = fields()));

// What a person changes in the element itself.
live.addEventListener('change', () => {
  const now = fields();
  for (const [i, name] of [...inputOf.keys()].entries()) {
    const value = now[i] ?? '';
    const isText = ['string', 'number'].includes(typeof value);
    const isKnown = now[i] === before[i] || String(value) === (live.getAttribute(name) ?? '');
    if (!isText || isKnown) continue;
    if (value === '') live.removeAttribute(name);
    else live.setAttribute(name, value);
  }
  before = now;
  fill();
  show();
});
addEventListener('hashchange', () => {
  restore();
  fill();
  show();
  redraw();
});
show();
