// What onnxruntime-web's glue finds in place of the globals `fetch` and `WebAssembly`: the module that this project
// has fetched, checked and compiled itself, so that a failed download never reaches the glue, which would remember it.

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
  return { module, instance: await globalThis.WebAssembly.instantiate(module, imports) };
}

export const WebAssembly = Object.create(globalThis.WebAssembly, {
  instantiateStreaming: { value: instantiateStreaming },
}) as typeof globalThis.WebAssembly;

export const fetch = (): undefined => undefined;
