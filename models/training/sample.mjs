// Draws class-balanced samples with the project's own pipeline, for evaluate.py. Build first.
//
//   node models/training/sample.mjs --steps 10,20,50,100 --out runs/samples
//   node models/training/sample.mjs --scheduler all --steps 5,10,20 --count 500 --out runs/samples
//
// One file for each scheduler and number of steps; those that are there already are left alone. Picture i has
// class i mod 10; batch b has seed b. A file holds grey bytes, 784 a picture; the options stand in a JSON file
// beside it.
import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DiffusionPipeline } from '../../dist/node/pipeline.js';
import { schedulerNames } from '../../dist/node/schedulers.js';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'models/fashion-mnist' },
    steps: { type: 'string', default: '20' },
    dtype: { type: 'string', default: 'int8' },
    scheduler: { type: 'string', default: 'ddim' },
    guidance: { type: 'string', default: '1' },
    classifier: { type: 'string', default: '0' },
    count: { type: 'string', default: '2000' },
    out: { type: 'string', default: 'runs/samples' },
  },
});
const BATCH = 50;
const { dtype, model } = values;
const guidanceScale = Number(values.guidance);
const classifierScale = Number(values.classifier);
const count = Number(values.count);
/** These lead from a picture, or along another kind of path. */
const unfit = ['ddim-inverse', 'repaint', 'flow-euler'];
const schedulers =
  values.scheduler === 'all'
    ? schedulerNames.filter((name) => !unfit.includes(name))
    : values.scheduler.split(',');

async function draw(pipeline, scheduler, steps) {
  const pictures = [];
  let milliseconds = 0;
  for (let seed = 0; pictures.length < count; seed++) {
    const first = pictures.length;
    const size = Math.min(BATCH, count - first);
    const label = Array.from({ length: size }, (_, i) => (first + i) % 10);
    const options = { label, seed, steps, scheduler, guidanceScale, classifierScale };
    const { images, timings } = await pipeline.generate(options);
    milliseconds += timings.total;
    for (const { data } of images) {
      pictures.push(Uint8Array.from({ length: 784 }, (_, i) => data[4 * i]));
    }
  }
  return { pictures, millisecondsPerPicture: Number((milliseconds / count).toFixed(1)) };
}

await mkdir(values.out, { recursive: true });
const pipeline = await DiffusionPipeline.fromPretrained(model, { dtype });
for (const scheduler of schedulers) {
  for (const steps of values.steps.split(',').map(Number)) {
    const guided =
      (guidanceScale === 1 ? '' : `-g${guidanceScale}`) +
      (classifierScale === 0 ? '' : `-c${classifierScale}`);
    const file = join(values.out, `${scheduler}-${steps}-${dtype}${guided}-${count}`);
    const there = await access(`${file}.json`).then(
      () => true,
      () => false,
    );
    if (there) continue;
    const { pictures, millisecondsPerPicture } = await draw(pipeline, scheduler, steps);
    const details = {
      ...{ scheduler, steps, dtype, guidanceScale },
      ...(classifierScale > 0 && { classifierScale }),
      ...{ count, millisecondsPerPicture },
    };
    await writeFile(`${file}.bin`, Buffer.concat(pictures));
    await writeFile(`${file}.json`, JSON.stringify(details));
    console.log(details);
  }
}
