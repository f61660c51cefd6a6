// What the profile puts before the runtime's scripts: its WASM, in its threads too, is the one that tells which functions are
// called, and their numbers go to the page.

/**
 * @param telling the address of the WASM, the name of the import that it calls, the number that it calls it with for function 0,
 *   less which come all others, and how many functions there are
 */
function countCalls({ url, hook, first, count }) {
  if (globalThis.countsCalls) return;
  globalThis.countsCalls = true;
  const channel = new BroadcastChannel('profile');
  const called = new Set();
  const { compileStreaming, instantiate, Instance } = WebAssembly;

  const counting = (imports) => {
    const modules = Object.entries(imports).map(([module, values]) => {
      const original = values[hook];
      if (!original) return [module, values];
      const note = (value) => {
        const index = first - value;
        if (!(index >= 0 && index < count)) return original(value);
        if (called.has(index)) return undefined;
        called.add(index);
        channel.postMessage(index);
      };
      return [module, { ...values, [hook]: note }];
    });
    return Object.fromEntries(modules);
  };
  WebAssembly.compileStreaming = () => compileStreaming(fetch(url));
  WebAssembly.instantiate = (module, imports) => instantiate(module, counting(imports));
  // Our own kernels import nothing.
  WebAssembly.Instance = function (module, imports) {
    return new Instance(module, imports && counting(imports));
  };
}

/** The script, for a module that tells. */
export const countingScript = (telling) =>
  `(${countCalls.toString()})(${JSON.stringify(telling)});\n`;
