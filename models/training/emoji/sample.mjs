// Draws the prompts of a list with the project's pipeline: RGB bytes of 64 x 64 pictures, one after the other.
//
//   node models/training/emoji/sample.mjs --prompts runs/emoji-eval/prompts.json --out runs/emoji-eval/default.bin
//
// With onnxruntime-node beside it (npm install --ignore-scripts --prefix models/training) it takes minutes, else an hour.
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { DiffusionPipeline } from '../../../dist/node/pipeline.js';

const SIDE = 64;
/** Prompts that are drawn together. */
const BATCH = 8;
const text = { type: 'string' };
const { values } = parseArgs({
  options: { prompts: text, out: text, count: text, steps: text, guidance: text, scheduler: text, dtype: text, model: text },
});
const number = (value) => (value === undefined ? undefined : Number(value));

const all = JSON.parse(await readFile(values.prompts, 'utf8'));
const prompts = all.slice(0, number(values.count) ?? all.length);
const pipeline = await DiffusionPipeline.fromPretrained(values.model ?? 'models/emoji', { dtype: values.dtype });
const options = {
  steps: number(values.steps),
  guidanceScale: number(values.guidance),
  ...(values.scheduler && { scheduler: values.scheduler }),
};
const bytes = new Uint8Array(3 * SIDE * SIDE * prompts.length);
let at = 0;
for (let first = 0; first < prompts.length; first += BATCH) {
  const batch = prompts.slice(first, first + BATCH);
  const seed = batch.map((_, i) => first + i);
  const { images } = await pipeline.generate({ ...options, prompt: batch.map(({ prompt }) => prompt), seed });
  for (const { data } of images) {
    for (let i = 0; i < data.length; i++) if (i % 4 < 3) bytes[at++] = data[i];
  }
  process.stderr.write(`\r${first + batch.length} of ${prompts.length}`);
}
process.stderr.write(`\n${pipeline.backend} ${pipeline.dtype}\n`);
await pipeline.dispose();
await writeFile(values.out, bytes);
