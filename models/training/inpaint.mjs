// Fills the six masks of RePaint in pictures, with the project's own pipeline, for evaluate_inpainting.py, which
// writes the pictures. Build first.
//
//   python3 models/training/evaluate_inpainting.py --out runs/inpainting --prepare
//   node models/training/inpaint.mjs --out runs/inpainting
//
// One file for each mask and setting; those that are there already are left alone.
import { access, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DiffusionPipeline, maskPreset, maskPresets } from '../../dist/node/pipeline.js';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'models/fashion-mnist' },
    out: { type: 'string', default: 'runs/inpainting' },
  },
});
const SIZE = 28;
const AREA = SIZE * SIZE;
const BATCH = 50;

/** RePaint at 50 steps, its resampling on the large holes, and what a phone can afford. */
const settings = [
  { name: 'repaint-50-1', scheduler: 'repaint', steps: 50, jumpLength: 5, resamplings: 1 },
  { name: 'repaint-50-3', scheduler: 'repaint', steps: 50, jumpLength: 5, resamplings: 3 },
  {
    name: 'repaint-50-10',
    scheduler: 'repaint',
    steps: 50,
    jumpLength: 5,
    resamplings: 10,
    masks: ['half', 'wide'],
  },
  { name: 'ddim-20-1', scheduler: 'ddim', steps: 20, jumpLength: 5, resamplings: 1 },
  { name: 'ddim-20-2', scheduler: 'ddim', steps: 20, jumpLength: 5, resamplings: 2 },
];

const grey = await readFile(join(values.out, 'pictures.bin'));
const labels = await readFile(join(values.out, 'labels.bin'));
const pictures = Array.from({ length: labels.length }, (_, i) => {
  const data = new Uint8ClampedArray(4 * AREA);
  for (let p = 0; p < AREA; p++) {
    data.fill(grey[i * AREA + p], 4 * p, 4 * p + 3);
    data[4 * p + 3] = 255;
  }
  return { data, width: SIZE, height: SIZE };
});

const pipeline = await DiffusionPipeline.fromPretrained(values.model, { dtype: 'int8' });
for (const { name, masks = maskPresets, ...options } of settings) {
  for (const preset of masks) {
    const file = join(values.out, `${name}-${preset}.bin`);
    const there = await access(file).then(
      () => true,
      () => false,
    );
    if (there) continue;
    const mask = maskPreset(preset, SIZE, SIZE);
    const filled = [];
    let runs = 0;
    for (let first = 0; first < pictures.length; first += BATCH) {
      const image = pictures.slice(first, first + BATCH);
      const label = [...labels.subarray(first, first + BATCH)];
      const { images, timings } = await pipeline.generate({
        ...options,
        image,
        mask,
        label,
        guidanceScale: 1,
        seed: first,
        ...(options.scheduler === 'repaint' && { eta: 1 }),
      });
      runs = timings.steps;
      for (const { data } of images) {
        filled.push(Uint8Array.from({ length: AREA }, (_, p) => data[4 * p]));
      }
    }
    await writeFile(file, Buffer.concat(filled));
    console.log(name, preset, `${runs} runs`);
    await writeFile(file.replace(/\.bin$/, '.json'), JSON.stringify({ name, preset, runs }));
  }
}
for (const preset of maskPresets) {
  const { data } = maskPreset(preset, SIZE, SIZE);
  const bytes = Uint8Array.from({ length: AREA }, (_, p) => data[4 * p]);
  await writeFile(join(values.out, `mask-${preset}.bin`), bytes);
}
await pipeline.dispose();
