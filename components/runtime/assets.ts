// Every file of the package that is found at run time. Bundlers know the form `new URL('…', import.meta.url)` and carry
// each file along, under a name of their own; so each is spelled out, and nothing is put together from parts.

/** Absolute URLs by the files' paths in `dist`; none where the script does not know its own address. */
export function bundledAssets(): Readonly<Record<string, string>> {
  try {
    const urls = {
      'worker.js': new URL('./worker.js', import.meta.url),
      'runtime/wasm.js': new URL('./runtime/wasm.js', import.meta.url),
      'runtime/wasm.bin': new URL('./runtime/wasm.bin', import.meta.url),
      'runtime/jspi.js': new URL('./runtime/jspi.js', import.meta.url),
      'runtime/jspi.bin': new URL('./runtime/jspi.bin', import.meta.url),
      'runtime/asyncify.js': new URL('./runtime/asyncify.js', import.meta.url),
      'runtime/asyncify.bin': new URL('./runtime/asyncify.bin', import.meta.url),
      'models/fashion-mnist/unet/model_int8.onnx': new URL(
        './models/fashion-mnist/unet/model_int8.onnx',
        import.meta.url,
      ),
      'models/fashion-mnist/unet/model_quantized.onnx': new URL(
        './models/fashion-mnist/unet/model_quantized.onnx',
        import.meta.url,
      ),
    };
    return Object.fromEntries(Object.entries(urls).map(([path, url]) => [path, address(url)]));
  } catch {
    return {};
  }
}

/**
 * An absolute address. Next.js gives one that is relative to the page's origin; and Vite before version 8 serves
 * dependencies from a cache in which their files are missing: they lie in the package.
 */
function address({ href }: URL): string {
  const url = new URL(href, globalThis.location?.href);
  return url.href.replace(
    /\/node_modules\/\.vite\/[^/]+\//,
    '/node_modules/diffusion-elements/dist/',
  );
}
