import { cp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundledModels } from '../runtime/bundled-models.js';

/** The package's `dist`, seen from the built command line in `dist/node`. */
const dist = fileURLToPath(new URL('..', import.meta.url));

/** Of the bundled models, what is read on a backend, each file once. */
const modelFiles = (isRead: (file: string, files: readonly string[]) => boolean) =>
  Object.entries(bundledModels).flatMap(([model, { files, shared }]) => {
    const names = Object.keys(files).filter((file) => !shared?.files.includes(file));
    const read = names.filter((file) => isRead(file, names));
    return read.map((file) => `models/${model}/${file.replace(/\.json$/, '.bin')}`);
  });

/** On WASM: activations in 8 bits where a network has such a file. */
const isForWasm = (file: string, files: readonly string[]) => {
  const better = file.replace('_quantized.onnx', '_int8.onnx');
  return better === file || !files.includes(better);
};

/** What drawing on WASM needs, and what WebGPU needs besides. */
async function filesToCopy(wasmOnly: boolean): Promise<string[]> {
  const wasm = [
    'worker.js',
    'runtime/wasm.js',
    'runtime/wasm.bin',
    'runtime/wasm-rest.bin',
    'runtime/tokenizers.js',
    ...modelFiles(isForWasm),
  ];
  if (wasmOnly) return wasm;
  const builds = ['jspi.js', 'jspi.bin', 'jspi-rest.bin', 'asyncify.js', 'asyncify.bin'];
  return [
    ...wasm,
    ...builds.map((file) => `runtime/${file}`),
    ...modelFiles((file, files) => !isForWasm(file, files)),
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
