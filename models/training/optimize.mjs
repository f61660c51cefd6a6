// Writes quantized networks as onnxruntime runs them: with its fusions made and its constants folded, so that a page need
// not do so each time it opens a session; that took half of the time to the first picture.
//
//   npm install --ignore-scripts --prefix models/training
//   node models/training/optimize.mjs models/fashion-mnist unet/model_int8.onnx
//
// The fusions are those of the CPU provider and hold on WASM alone. files.json says `"optimized": true` of such a file.
import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import ort from 'onnxruntime-node';

const [folder, ...files] = process.argv.slice(2);
if (!folder || files.length === 0) throw new Error('Name a model’s folder and its files.');

const manifestFile = join(folder, 'files.json');
const manifest = JSON.parse(await readFile(manifestFile, 'utf8'));
for (const file of files) {
  const path = join(folder, file);
  const optimized = `${path}.optimized`;
  const session = await ort.InferenceSession.create(path, {
    executionProviders: ['cpu'],
    // Beyond this level the graph depends on the machine.
    graphOptimizationLevel: 'extended',
    optimizedModelFilePath: optimized,
  });
  await session.release();
  await rename(optimized, path);
  const bytes = await readFile(path);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  manifest[file] = { size: bytes.length, sha256, optimized: true };
  console.log(`${file}: ${bytes.length.toLocaleString('en')} bytes`);
}
await writeFile(manifestFile, `${JSON.stringify(manifest, null, 2)}\n`);
