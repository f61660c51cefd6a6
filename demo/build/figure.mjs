// A living figure: a tag, the poster that stands in its place until it is drawn and where scripts do not run, a caption.
import { posterFor } from './posters.mjs';
import { attributesOf } from './starting-tag.mjs';

/** How tall an element is: a share of its width, and a rest in rem; so that nothing moves when it is there. */
const heights = {
  'diffusion-sampler': ({ controls, trajectory, attention, ...rest }) => {
    const kinds =
      trajectory === undefined ? 0 : Math.max(1, trajectory.split(' ').filter(Boolean).length);
    const strips = kinds === 0 ? [0, 0] : kinds === 1 ? [0.1, 0.5] : [0.1 * kinds, 2.6 * kinds];
    const player = kinds > 0 && controls !== undefined ? 2.75 : 0;
    const words = attention === undefined ? 0 : rest.live === undefined ? 2.25 : 1.85;
    const toolbar = controls === undefined ? 0 : rest.prompt === undefined ? 7.05 : 11.6;
    const pad = rest['seed-pad'] === undefined ? 0 : 13;
    const blend = rest['label-blend'] === undefined || pad > 0 ? 0 : 6;
    return [1 + strips[0], strips[1] + player + words + pad + blend + toolbar];
  },
  'diffusion-canvas': ({ controls }) => [0.5, controls === undefined ? 0 : 6.9],
  'diffusion-forward': ({ marks, ...rest }) => {
    const schedules = (rest['beta-schedule'] ?? 'linear').split(' ').length;
    const count = marks?.split(' ').length ?? 0;
    return [(1 + (count ? 1 / count : 0)) / schedules, 4.5 + (count ? 1.6 : 0)];
  },
  'diffusion-schedule': () => [0, 18],
  'diffusion-interpolate': (attributes) =>
    attributes['four-seeds']
      ? [2, 6.5]
      : [1 + 1 / (attributes.frames ?? 12), attributes.controls === undefined ? 3.75 : 6.6],
  'diffusion-compare': () => [0, 0],
  'diffusion-train': () => [0, 0],
  'diffusion-mask': () => [1, 8],
  // With the result below, where it fills by itself.
  'diffusion-inpaint': ({ autoplay, controls }) =>
    autoplay === undefined
      ? [1, controls === undefined ? 3 : 13.5]
      : [2, controls === undefined ? 9 : 10.7],
};

/** Rows of a comparison, by how many cells stand side by side. */
function rowsOf(attributes) {
  const lists = [
    ...['schedulers', 'guidance-scales', 'classifier-scales', 'etas', 'resamplings'],
    'strengths',
  ];
  const isCompared = lists.some((list) => attributes[list]?.includes(' '));
  if (!isCompared) return '';
  const cells = lists.reduce((n, list) => n * (attributes[list]?.split(' ').length ?? 1), 1);
  return [2, 3, 4, 5, 6].map((n) => `; --rows-${n}: ${Math.ceil(cells / n)}`).join('');
}

/** How wide an element should be at most. */
function mostOf(name, attributes) {
  const isOne = name !== 'diffusion-forward' || !attributes['beta-schedule']?.includes(' ');
  const isPicture = /sampler|inpaint|interpolate|mask|forward|canvas/.test(name) && isOne;
  return isPicture ? '24rem' : '100cqi';
}

/**
 * An Eleventy shortcode around one or several tags of ours.
 *
 * @param caption Markdown is not read here: plain text or HTML
 * @param size `wide`, `small`, or nothing
 */
export async function figure(content, caption = '', size = '') {
  const tags = content.trim().match(/<(diffusion-[\w-]+)[^>]*>[\s\S]*?<\/\1>/g) ?? [];
  const parts = [];
  for (const tag of tags) {
    const [, name] = /^<([\w-]+)/.exec(tag);
    const attributes = attributesOf(tag);
    const poster = await posterFor(name, attributes);
    const [ratio, rest] = heights[name](attributes);
    const style = `style="--ratio: ${ratio.toFixed(3)}; --rest: ${rest}rem; --most: ${mostOf(name, attributes)}${rowsOf(attributes)}"`;
    const posters = poster?.cells ? ` posters="${poster.cells.join(' ')}"` : '';
    const image = poster
      ? `<img slot="poster" class="poster" src="${poster.src}" width="${poster.width}" height="${poster.height}" alt="${poster.alt}">`
      : '';
    parts.push(
      `<div class="living">${tag
        .replace(/^<([\w-]+)/, `<$1 ${style}${posters}`)
        .replace(/><\/([\w-]+)>$/, `>${image}</$1>`)
        .replace(/\s*\n\s*/g, ' ')}</div>`,
    );
  }
  const text = caption ? `<figcaption>${caption}</figcaption>` : '';
  return `<figure class="fig ${size}"><div class="row">${parts.join('')}</div>${text}</figure>`;
}
