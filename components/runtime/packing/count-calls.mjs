// Preloaded by the profile (node --import): onnxruntime-web's WASM, its threads' too, writes the numbers of the functions that are
// called, a line each, to the file of the environment variable CALLS.

import { appendFileSync, readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { FIRST, instrument } from './instrument.mjs';
import { sources } from './sources.mjs';

const telling = instrument(readFileSync(sources.wasm));
const called = new Set();
const { instantiate, Instance } = WebAssembly;

function counting(imports) {
  const modules = Object.entries(imports).map(([module, functions]) => {
    const original = functions[telling.hook];
    const hook = (value) => {
      const index = FIRST - value;
      if (index < 0 || index >= telling.count) return original(value);
      if (called.has(index)) return undefined;
      called.add(index);
      // Threads end without a word.
      if (!isMainThread) appendFileSync(process.env.CALLS, `${index}\n`);
    };
    return [module, { ...functions, [telling.hook]: hook }];
  });
  return Object.fromEntries(modules);
}

WebAssembly.instantiate = (source, imports) =>
  instantiate(source instanceof WebAssembly.Module ? source : telling.bytes, counting(imports));
// Our own kernels import nothing.
WebAssembly.Instance = function (module, imports) {
  return new Instance(module, imports && counting(imports));
};

process.on('exit', () => {
  if (isMainThread)
    appendFileSync(process.env.CALLS, [...called].map((index) => `${index}\n`).join(''));
});
