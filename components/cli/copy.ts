import { cp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundledModels } from '../runtime/bundled-models.js';

/** The package's `dist`, seen from the built command line in `dist/node`. */
const dist = fileURLToPath(new URL('..', import.meta.url));

const weights = (ending: RegExp) =>
  Object.entries(bundledModels).flatMap(([model, { files }]) =>
    Object.keys(files)
      .filter((file) => ending.test(file))
      .map((file) => `models/${model}/${file}`),
  );

/** What drawing on WASM needs, and what WebGPU needs besides. */
async function filesToCopy(wasmOnly: boolean): Promise<string[]> {
  const wasm = [
    'worker.js',
    'runtime/wasm.js',
    'runtime/wasm.bin',
    'runtime/tokenizers.js',
    ...weights(/_int8\.onnx$|^classifier\//),
  ];
  if (wasmOnly) return wasm;
  const builds = ['jspi', 'asyncify'].flatMap((build) => [`${build}.js`, `${build}.bin`]);
  return [
    ...wasm,
    ...builds.map((file) => `runtime/${file}`),
    ...weights(/_quantized\.onnx$/),
    'diffusion-elements.js',
    ...(await readdir(join(dist, 'lazy'))).map((name) => `lazy/${name}`),
  ];
}

/** Copies what a page fetches at run time into a folder of a site; returns the files' paths. */
export async function copyAssets(folder: string, wasmOnly: boolean): Promise<string[]> {
  const files = await filesToCopy(wasmOnly);
  for (const file of files) await cp(join(dist, file), join(folder, file));
  return files;
}
