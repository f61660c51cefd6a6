// Fails when a size budget is passed; prints every size, so that growth and shrinking show. Build first.
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';

const kB = 1000;
const brotli = (bytes) => brotliCompressSync(bytes).length;

/** A script and all that it imports statically, each once. */
async function withImports(file, seen = new Map()) {
  if (seen.has(file)) return seen;
  const bytes = await readFile(file);
  seen.set(file, bytes);
  for (const [, path] of bytes.toString().matchAll(/(?:from|import)"(\.[^"]+)"/g)) {
    await withImports(join(dirname(file), path), seen);
  }
  return seen;
}

async function scripts(...files) {
  const sizes = await Promise.all(
    files.map(async (file) => [...(await withImports(file)).values()].map(brotli)),
  );
  return sizes.flat().reduce((total, size) => total + size, 0);
}

const unet = 'models/fashion-mnist/unet';
const size = async (file) => (await readFile(file)).length;
const float = await size(`${unet}/model.onnx`);
/** Of each element alone, in kB. */
const elements = {
  sampler: 33,
  inpaint: 37,
  mask: 18,
  canvas: 31,
  forward: 19,
  schedule: 14,
  interpolate: 29,
  compare: 27,
  train: 20,
};
/** What words need, without the encoder, which only pictures to start from do. */
const emoji = ['text_encoder', 'unet', 'vae_decoder'].map(
  (part) => `dist/models/emoji/${part}/model_quantized.onnx`,
);
const words = await Promise.all([...emoji, 'dist/models/emoji/tokenizer/tokenizer.bin'].map(size));
const budgets = [
  ['emoji model, for words', words.reduce((sum, each) => sum + each), 12_000 * kB],
  ['page script, brotli', await scripts('dist/diffusion-elements.js'), 55 * kB],
  ['worker, brotli', await scripts('dist/worker.js'), 59 * kB],
  ['tokenizers, brotli', await scripts('dist/runtime/tokenizers.js'), 13 * kB],
  ['runtime script, brotli', await scripts('dist/runtime/wasm.js'), 24 * kB],
  ...(await Promise.all(
    Object.entries(elements).map(async ([name, limit]) => [
      `${name} alone without Lit, brotli`,
      await scripts(`dist/diffusion-${name}.js`),
      limit * kB,
    ]),
  )),
  ['pipeline, brotli', await scripts('dist/pipeline.js'), 62 * kB],
  ['runtime for our models, packed', await size('dist/runtime/wasm.bin'), 1600 * kB],
  ['its rest', await size('dist/runtime/wasm-rest.bin'), 2400 * kB],
  ['runtime with WebGPU, packed', await size('dist/runtime/jspi.bin'), 1800 * kB],
  ['kernels.wasm', await size('dist/kernels.wasm'), 25 * kB],
  ['GIF writer, brotli', await scripts('dist/lazy/gif-writer.js'), 5 * kB],
  ['video writer, brotli', await scripts('dist/lazy/video-writer.js'), 70 * kB],
];
for (const file of (await readdir(unet)).filter((name) => /_(quantized|int8)\.onnx$/.test(name))) {
  const bytes = await size(`${unet}/${file}`);
  budgets.push([file, bytes, 2500 * kB]);
  budgets.push([`${file}, % of float32`, Number(((100 * bytes) / float).toFixed(1)), 30]);
}

let failed = 0;
for (const [what, value, limit] of budgets) {
  const within = value <= limit;
  if (!within) failed++;
  console.log(
    `${within ? 'ok  ' : 'OVER'} ${what}: ${value.toLocaleString('en')} of ${limit.toLocaleString('en')}`,
  );
}
process.exitCode = failed > 0 ? 1 : 0;
