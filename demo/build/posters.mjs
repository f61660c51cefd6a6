// What stands in a figure's place until it is drawn: made by the model and the kernels themselves, when the site is built.
// Kept in demo/.cache by what it was made from.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { decode, encode } from 'fast-png';
import { usualModel } from '../../components/elements/base/usual-model.ts';
import { cellsOf } from '../../components/elements/diffusion-compare/cells.ts';
import { ForwardProcess } from '../../components/pictures/forward-process.ts';
import { maskPreset } from '../../components/pictures/mask-presets.ts';
import { drawPoints } from '../../components/pictures/point-sets.ts';
import { scheduleCurve, scheduleLevels } from '../../components/pictures/schedule-curves.ts';
import { DiffusionPipeline } from '../../components/pipelines/index.ts';
import { PointDenoiser } from '../../components/training/point-denoiser.ts';

const folder = 'demo/.cache/posters';
const pipelines = {};

async function generate({
  prompt,
  model = prompt === undefined ? 'fashion-mnist' : 'emoji',
  ...options
}) {
  const pipeline = await (pipelines[model] ??= DiffusionPipeline.fromPretrained(model));
  return (await pipeline.generate(prompt === undefined ? options : { ...options, prompt })).images;
}

/** Pictures as one, in rows. */
function tile(pictures, columns) {
  const [{ width, height }] = pictures;
  const rows = Math.ceil(pictures.length / columns);
  const data = new Uint8Array(4 * columns * width * rows * height);
  for (const [index, picture] of pictures.entries()) {
    const left = (index % columns) * width;
    const top = Math.floor(index / columns) * height;
    for (let y = 0; y < height; y++) {
      const line = picture.data.subarray(4 * y * width, 4 * (y + 1) * width);
      data.set(line, 4 * ((top + y) * columns * width + left));
    }
  }
  return { data, width: columns * width, height: rows * height };
}

const png = (picture) => encode({ ...picture, channels: 4 });

async function readPicture(path) {
  const { data, width, height, channels } = decode(await readFile(path));
  const rgba = new Uint8ClampedArray(4 * width * height);
  for (let i = 0; i < width * height; i++) {
    const grey = data[i * channels];
    rgba.set(
      channels < 3
        ? [grey, grey, grey, 255]
        : [...data.subarray(i * channels, i * channels + 3), 255],
      4 * i,
    );
  }
  return { data: rgba, width, height };
}

const number = (value, standard) =>
  value === undefined || value === '' ? standard : Number(value);

const options = (attributes) => ({
  prompt:
    attributes.prompt === undefined
      ? undefined
      : [attributes.prompt, attributes['prompt-style']].filter(Boolean).join(', '),
  label: attributes.label || undefined,
  seed: attributes.seed?.includes('@') ? attributes.seed : number(attributes.seed, 0),
  steps: number(attributes.steps, attributes.prompt === undefined ? 10 : undefined),
  guidanceScale: number(attributes['guidance-scale'], undefined),
  scheduler: attributes.scheduler || undefined,
  count: number(attributes.count, 1),
});

const makers = {
  async 'diffusion-sampler'(attributes) {
    const asked = { ...options(attributes), steps: number(attributes.steps, undefined) };
    const quality = attributes.quality ?? (attributes.trajectory === undefined ? '' : 'best');
    const images = await generate({
      ...asked,
      model: attributes.model || usualModel(asked, quality),
      ...(attributes.image && { image: await readPicture(`demo${attributes.image}`) }),
      ...(attributes.strength && { strength: Number(attributes.strength) }),
    });
    return {
      picture: tile(images, Math.ceil(Math.sqrt(images.length))),
      alt: attributes.label || attributes.prompt || 'A generated picture',
    };
  },

  async 'diffusion-interpolate'(attributes) {
    const seed = number(attributes['from-seed'], 0);
    const [first] = attributes['from-src']
      ? [await readPicture(`demo${attributes['from-src']}`)]
      : await generate({ ...options(attributes), scheduler: 'ddim', seed, count: 1 });
    return { picture: first, alt: 'The first of the pictures between' };
  },

  async 'diffusion-compare'(attributes) {
    const masked = attributes.src && {
      image: await readPicture(`demo${attributes.src}`),
      ...(attributes['mask-preset'] && { mask: maskPreset(attributes['mask-preset'], 28, 28) }),
    };
    const axes = {
      schedulers: attributes.schedulers ?? '',
      guidanceScales: attributes['guidance-scales'] ?? '',
      classifierScales: attributes['classifier-scales'] ?? '',
      etas: attributes.etas ?? '',
      resamplings: attributes.resamplings ?? '',
      strengths: attributes.strengths ?? '',
    };
    const cells = [];
    for (const cell of cellsOf(axes)) {
      const model = attributes.model || undefined;
      const [image] = await generate({ model, ...options(attributes), ...cell.options, ...masked });
      cells.push(image);
    }
    return {
      cells,
      picture: tile(cells, Math.min(4, cells.length)),
      alt: 'One seed, drawn in several ways',
    };
  },

  async 'diffusion-forward'(attributes) {
    const strip = await readPicture('models/fashion-mnist/examples.png');
    const { id2label } = JSON.parse(
      await readFile('models/fashion-mnist/model_index.json', 'utf8'),
    );
    const index = Math.max(0, Object.values(id2label).indexOf(attributes.label ?? 'sneaker'));
    const data = new Uint8ClampedArray(4 * 28 * 28);
    for (let y = 0; y < 28; y++) {
      const start = 4 * (y * strip.width + 28 * index);
      data.set(strip.data.subarray(start, start + 4 * 28), 4 * 28 * y);
    }
    const process = new ForwardProcess({ data, width: 28, height: 28 }, 0);
    const schedules = (attributes['beta-schedule'] ?? 'linear').split(' ');
    const marks = (attributes.marks ?? '0 250 500 750 999').split(' ').map(Number);
    const pictures = schedules.flatMap((betaSchedule) => {
      const levels = scheduleLevels({ betaSchedule });
      return marks.map((mark) => {
        const { data: bytes, width, height } = process.at(levels[mark]);
        return { data: bytes.slice(), width, height };
      });
    });
    process.release();
    return { picture: tile(pictures, marks.length), alt: 'A picture that turns into noise' };
  },

  async 'diffusion-schedule'(attributes) {
    const names = (attributes['beta-schedule'] ?? 'linear squaredcos_cap_v2').split(' ');
    const plot = attributes.plot ?? 'alphas-cumprod';
    const curves = names.map((betaSchedule) => scheduleCurve(plot, { betaSchedule }));
    const values = curves.flatMap((curve) => [...curve].filter(Number.isFinite));
    const [low, high] = [Math.min(0, ...values), Math.max(...values)];
    const lines = curves.map((curve, index) => {
      const points = Array.from({ length: 101 }, (_, i) => {
        const value = curve[Math.round((i * (curve.length - 1)) / 100)];
        return `${5 * i},${(200 - (200 * (Math.max(low, value) - low)) / (high - low)).toFixed(1)}`;
      });
      const colour = ['#3a5bd9', '#c2410c', '#0f766e', '#86198f'][index % 4];
      return `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${points.join(' ')}"/>`;
    });
    return {
      svg: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-4 -4 508 208">${lines.join('')}</svg>`,
      width: 508,
      height: 208,
      alt: `${plot} of ${names.join(', ')}`,
    };
  },

  async 'diffusion-train'(attributes) {
    const shape = ['moons', 'spiral', 'ring'].includes(attributes.data) ? attributes.data : 'moons';
    const points = drawPoints(shape);
    const denoiser = new PointDenoiser({ points, width: 64, seed: 0 });
    for (let i = 0; i < 3000; i++) denoiser.iterate({ learningRate: 0.003, batchSize: 256 });
    const samples = denoiser.sample('ddim', 20, 500, 0).slice(-1000);
    denoiser.release();
    const dots = (values, radius, colour) =>
      Array.from({ length: values.length / 2 }, (_, i) => {
        const [x, y] = [100 + (100 * values[2 * i]) / 2.6, 100 - (100 * values[2 * i + 1]) / 2.6];
        return `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${radius}" fill="${colour}"/>`;
      }).join('');
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 200">${dots(points.subarray(0, 1600), 0.5, '#9a9ca8')}${dots(samples, 0.8, '#3a5bd9')}</svg>`;
    return {
      svg,
      width: 200,
      height: 200,
      alt: 'Points of the data, and points that a network has learned to draw',
    };
  },

  async 'diffusion-inpaint'(attributes) {
    if (!attributes.src) return undefined;
    return {
      picture: await readPicture(`demo${attributes.src}`),
      alt: attributes.label ?? 'The picture to be filled',
    };
  },
};

async function write(name, extension, content) {
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/${name}.${extension}`, content);
  return `/posters/${name}.${extension}`;
}

let hasSaid = false;

function sayOnce() {
  if (!hasSaid) console.log('Drawing what stands in the figures’ places: a minute or two, once');
  hasSaid = true;
}

/** The poster of an element with these attributes; undefined where there is none. */
export async function posterFor(element, attributes) {
  const hash = createHash('sha256').update(await readFile('demo/build/posters.mjs'));
  for (const model of ['fashion-mnist', 'fashion-mnist-turbo']) {
    hash.update(await readFile(`models/${model}/files.json`));
  }
  if (attributes.prompt !== undefined) hash.update(await readFile('models/emoji/files.json'));
  const version = hash.digest('hex');
  const key = createHash('sha256')
    .update(JSON.stringify([element, attributes, version]))
    .digest('hex')
    .slice(0, 12);
  const record = `demo/.cache/${key}.json`;
  if (existsSync(record)) return JSON.parse(await readFile(record, 'utf8'));
  sayOnce();
  const made = await makers[element]?.(attributes);
  if (!made) return undefined;
  const { picture, svg, cells, alt } = made;
  const src = svg ? await write(key, 'svg', svg) : await write(key, 'png', png(picture));
  const { width, height } = picture ?? made;
  const poster = { src, width, height, alt };
  if (cells) {
    poster.cells = await Promise.all(
      cells.map((cell, index) => write(`${key}-${index}`, 'png', png(cell))),
    );
  }
  await writeFile(record, JSON.stringify(poster));
  return poster;
}
