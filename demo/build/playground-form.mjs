// The controls of a playground page: one for each attribute, filled in as the tag begins.
import { attributesOf, startingTag } from './starting-tag.mjs';

/** What people change first; the rest is folded away. */
const first = [
  ...['prompt', 'prompt-style', 'attention', 'model', 'strengths'],
  ...['live', 'seed-pad', 'label-blend', 'quality', 'strength'],
  ...['label', 'to-label', 'steps', 'seed', 'from-seed', 'to-seed', 'four-seeds', 'scheduler'],
  ...['schedulers', 'guidance-scale', 'guidance-scales', 'count', 'trajectory', 'controls'],
  ...['beta-schedule', 'plot', 'timestep', 'marks', 'data', 'letters', 'learning-rate', 'width'],
  ...['mask-preset', 'resamplings', 'frames', 'loop', 'brush-size', 'tool', 'src'],
];

/** What the page itself sets. */
const own = ['poster', 'posters'];

const labels = [
  ...['', 't-shirt', 'trouser', 'pullover', 'dress', 'coat'],
  ...['sandal', 'shirt', 'sneaker', 'bag', 'ankle boot'],
];

const choices = {
  label: labels,
  'to-label': labels,
  model: ['', 'emoji', 'emoji-turbo', 'fashion-mnist', 'fashion-mnist-turbo'],
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

const escaped = (text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

const isNumber = (text) => /number/.test(text) && !/string|bigint/.test(text);

function input({ name, fieldName }, type, value) {
  const id = `id="set-${name}" data-attribute="${name}" data-field="${fieldName}"`;
  if (type === 'boolean') {
    return `<input ${id} type="checkbox"${value === undefined ? '' : ' checked'}>`;
  }
  if (choices[name]) {
    const options = choices[name].map(
      (each) =>
        `<option value="${each}"${each === value ? ' selected' : ''}>${each || '–'}</option>`,
    );
    return `<select ${id}>${options.join('')}</select>`;
  }
  const kind = isNumber(type) ? ' type="number" step="any"' : '';
  return `<input ${id}${kind} value="${escaped(value ?? '')}">`;
}

function field(attribute, value) {
  const { name, type, description = '' } = attribute;
  const text = type?.text ?? '';
  const parts = [`<span>${name}</span>`, input(attribute, text, value)];
  const kind = text === 'boolean' ? ' class="check"' : '';
  if (kind) parts.reverse();
  return `<label${kind}>${parts.join('')}<small>${escaped(description.replaceAll('`', ''))}</small></label>`;
}

/** An Eleventy filter of an element of the manifest. */
export function playgroundForm({ tagName, attributes }) {
  const values = attributesOf(startingTag(tagName));
  const fields = (chosen) => chosen.map((each) => field(each, values[each.name])).join('\n');
  const shown = first.flatMap((name) => attributes.filter((each) => each.name === name));
  const folded = attributes.filter(({ name }) => !first.includes(name) && !own.includes(name));
  return `<form aria-label="Attributes">
${fields(shown)}
<details><summary>More attributes</summary>
${fields(folded)}
</details>
</form>`;
}
