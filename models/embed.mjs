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
  'emoji-turbo': ['unet/model_int8.onnx', 'unet/model_quantized.onnx'],
  'fashion-mnist-turbo': ['unet/model_int8.onnx', 'unet/model_quantized.onnx'],
  'fashion-mnist': [
    'classifier/model_quantized.onnx',
    'unet/model_int8.onnx',
    'unet/model_quantized.onnx',
  ],
};

/** Distilled models, and those whose other files are theirs too: the package carries these once. */
const sharedFrom = { 'emoji-turbo': 'emoji' };

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

const readManifest = (name) => readJson(`models/${name}/files.json`);

/** The other model's files that are this one's too, by their names. */
async function findShared(name) {
  const owner = sharedFrom[name];
  if (!owner) return [];
  const [own, others] = await Promise.all([name, owner].map(readManifest));
  const shared = shippedFiles[owner].filter((file) => !shippedFiles[name].includes(file));
  const different = shared.filter((file) => own[file]?.sha256 !== others[file].sha256);
  if (different.length > 0) throw new Error(`${name} and ${owner} differ in ${different.join()}.`);
  return shared;
}

const models = {};
for (const [name, shipped] of Object.entries(shippedFiles)) {
  const manifest = await readManifest(name);
  const shared = await findShared(name);
  models[name] = {
    json: await readJsonFiles(`models/${name}`),
    files: Object.fromEntries([...shipped, ...shared].map((file) => [file, manifest[file]])),
    ...(shared.length > 0 && { shared: { files: shared, from: sharedFrom[name] } }),
  };
}
const fewSteps = Object.entries(models)
  .map(([name, { json }]) => [name, json['model_index.json'].defaults.few_steps])
  .filter(([, few]) => few);

const source = '// Generated from models/ by models/embed.mjs.\n';
await writeFile(
  'components/runtime/bundled-models.ts',
  `${source}import type { BundledModel } from './model-folder.js';\n\n` +
    `export const bundledModels: Readonly<Record<string, BundledModel>> = ${JSON.stringify(models, null, 2)};\n`,
);
await writeFile(
  'components/runtime/bundled-model-names.ts',
  `${source}import type { FewSteps } from './model-folder.js';\n\n` +
    `export const bundledModelNames: readonly string[] = ${JSON.stringify(Object.keys(models))};\n` +
    `/** What the distilled ones were made for. */\n` +
    `export const bundledFewSteps: Readonly<Record<string, FewSteps>> = ${JSON.stringify(Object.fromEntries(fewSteps))};\n`,
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
