// Writes what the bundled models say of themselves as a TypeScript module: their JSON files, and the sizes and hashes
// of the weights that the package carries. The weights alone are then fetched, whatever a bundler does to their names.
import { readdir, readFile, writeFile } from 'node:fs/promises';

/** By model, the weights that the package carries, and JSON files that are too large for a script. */
export const shippedFiles = {
  emoji: [
    'text_encoder/model_quantized.onnx',
    'tokenizer/tokenizer.json',
    'unet/model_int8.onnx',
    'unet/model_quantized.onnx',
    'vae_decoder/model_quantized.onnx',
    'vae_encoder/model_quantized.onnx',
  ],
  'fashion-mnist-turbo': ['unet/model_int8.onnx', 'unet/model_quantized.onnx'],
  'fashion-mnist': [
    'classifier/model_quantized.onnx',
    'unet/model_int8.onnx',
    'unet/model_quantized.onnx',
  ],
};

/** Bundlers read files whose names end in .json: in the package they end otherwise. */
export const shippedName = (file) => file.replace(/\.json$/, '.bin');

async function readJsonFiles(folder) {
  const names = await readdir(folder, { recursive: true });
  const wanted = names.filter((name) => /(^model_index|^[^/]+\/[^/]*config)\.json$/.test(name));
  const entries = wanted.sort().map(async (name) => [name, await readJson(`${folder}/${name}`)]);
  return Object.fromEntries(await Promise.all(entries));
}

async function readJson(path) {
  return JSON.parse(await readFile(path, 'utf8'));
}

const models = {};
for (const [name, shipped] of Object.entries(shippedFiles)) {
  const manifest = await readJson(`models/${name}/files.json`);
  models[name] = {
    json: await readJsonFiles(`models/${name}`),
    files: Object.fromEntries(shipped.map((file) => [file, manifest[file]])),
  };
}

const source = '// Generated from models/ by models/embed.mjs.\n';
await writeFile(
  'components/runtime/bundled-models.ts',
  `${source}import type { BundledModel } from './model-folder.js';\n\n` +
    `export const bundledModels: Readonly<Record<string, BundledModel>> = ${JSON.stringify(models, null, 2)};\n`,
);
await writeFile(
  'components/runtime/bundled-model-names.ts',
  `${source}export const bundledModelNames: readonly string[] = ${JSON.stringify(Object.keys(models))};\n`,
);

// A picture of each class to explain the forward process with, side by side.
const examples = await readFile('models/fashion-mnist/examples.png');
const { id2label } = await readJson('models/fashion-mnist/model_index.json');
await writeFile(
  'components/pictures/example-pictures.ts',
  `${source}export const exampleLabels: readonly string[] = ${JSON.stringify(Object.values(id2label))};\n` +
    `/** The examples in this order, 28 x 28 pixels each, side by side. */\n` +
    `export const examplePictures: string =\n  'data:image/png;base64,${examples.toString('base64')}';\n`,
);
