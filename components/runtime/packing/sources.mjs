// Where onnxruntime-web's WASM lies, by the names of our builds.

import { readFileSync } from 'node:fs';

const folder = 'node_modules/onnxruntime-web';

export const { version } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));

export const sources = {
  wasm: `${folder}/dist/ort-wasm-simd-threaded.wasm`,
  jspi: `${folder}/dist/ort-wasm-simd-threaded.jspi.wasm`,
  asyncify: `${folder}/dist/ort-wasm-simd-threaded.asyncify.wasm`,
};

/** Those that networks are run on CPUs with, which are taken apart. */
export const takenApart = ['wasm', 'jspi'];
