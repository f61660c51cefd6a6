// Draws class-balanced samples with the project's own pipeline, for evaluate.py. Build first.
//
//   node models/training/sample.mjs --steps 20 --dtype int8 --count 2000 --out runs/samples/int8-20.bin
//
// Picture i has class i mod 10; batch b has seed b. The file holds grey bytes, 784 a picture; the options
// stand in a JSON file beside it.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { DiffusionPipeline } from '../../dist/node/pipeline.js';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'models/fashion-mnist' },
    steps: { type: 'string', default: '20' },
    dtype: { type: 'string', default: 'int8' },
    scheduler: { type: 'string', default: 'ddim' },
    guidance: { type: 'string', default: '1' },
    count: { type: 'string', default: '2000' },
    out: { type: 'string' },
  },
});
const BATCH = 50;
const count = Number(values.count);
const pipeline = await DiffusionPipeline.fromPretrained(values.model, { dtype: values.dtype });
const pictures = [];
let milliseconds = 0;
for (let seed = 0; pictures.length < count; seed++) {
  const first = pictures.length;
  const label = Array.from({ length: Math.min(BATCH, count - first) }, (_, i) => (first + i) % 10);
  const { images, timings } = await pipeline.generate({
    label,
    seed,
    steps: Number(values.steps),
    scheduler: values.scheduler,
    guidanceScale: Number(values.guidance),
  });
  milliseconds += timings.total;
  pictures.push(...images.map(({ data }) => Uint8Array.from({ length: 784 }, (_, i) => data[4 * i])));
}
await mkdir(dirname(values.out), { recursive: true });
await writeFile(values.out, Buffer.concat(pictures));
const { steps, dtype, scheduler, guidance } = values;
const details = {
  scheduler,
  steps: Number(steps),
  dtype,
  guidanceScale: Number(guidance),
  count,
  millisecondsPerPicture: Number((milliseconds / count).toFixed(1)),
};
await writeFile(values.out.replace(/\.bin$/, '.json'), JSON.stringify(details));
console.log(details);
