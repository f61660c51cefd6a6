// What the profile runs with threads, which the pipeline uses in pages only: each network that the package carries. Argument: how
// many threads.

import { readFile } from 'node:fs/promises';
import { shippedFiles } from '../../../models/embed.mjs';
import * as ort from '../../../node_modules/onnxruntime-web/dist/ort.node.min.mjs';

ort.env.wasm.numThreads = Number(process.argv[2]);
const BATCH = 2;
/** Often, since who waits for whom is a matter of chance. */
const RUNS = 10;
const arrays = { float32: Float32Array, int64: BigInt64Array, int32: Int32Array };

for (const [model, files] of Object.entries(shippedFiles)) {
  for (const file of files.filter((name) => name.endsWith('.onnx'))) {
    const session = await ort.InferenceSession.create(await readFile(`models/${model}/${file}`), {
      graphOptimizationLevel: 'disabled',
    });
    const feeds = session.inputMetadata.map(({ name, type, shape }) => {
      const dims = shape.map((size) => (typeof size === 'number' ? size : BATCH));
      const size = dims.reduce((product, each) => product * each, 1);
      return [name, new ort.Tensor(type, new arrays[type](size), dims)];
    });
    for (let i = 0; i < RUNS; i++) await session.run(Object.fromEntries(feeds));
    await session.release();
  }
}
process.exit();
