// What onnxruntime-web's glue finds in place of the globals `fetch` and `WebAssembly`: the module that this project
// has fetched, checked and compiled itself, so that a failed download never reaches the glue, which would remember it.

import { begin, join, listenFor } from './join-modules.js';

let compiled: Promise<WebAssembly.Module> | undefined;

/** The module that the next start of the runtime instantiates. */
export function provideModule(module: Promise<WebAssembly.Module>): void {
  compiled = module;
}

async function instantiateStreaming(
  _response: unknown,
  imports: WebAssembly.Imports,
): Promise<WebAssembly.WebAssemblyInstantiatedSource> {
  const module = await compiled!;
  const instance = await globalThis.WebAssembly.instantiate(module, listenFor(module, imports));
  begin(instance);
  await join();
  return { module, instance };
}

/** In the runtime's threads, which get the module from the one that started them. */
function Instance(module: WebAssembly.Module, imports: WebAssembly.Imports): WebAssembly.Instance {
  const instance = new globalThis.WebAssembly.Instance(module, listenFor(module, imports));
  begin(instance);
  return instance;
}

export const WebAssembly = Object.create(globalThis.WebAssembly, {
  instantiateStreaming: { value: instantiateStreaming },
  Instance: { value: Instance },
}) as typeof globalThis.WebAssembly;

export const fetch = (): undefined => undefined;
