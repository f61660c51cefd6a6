// Every file of the package that is found at run time. Bundlers know the form `new URL('…', import.meta.url)` and carry
// each file along, under a name of their own; so each is spelled out, and nothing is put together from parts.

type Assets = Readonly<Record<string, string>>;

/** Absolute URLs by the files' paths in `dist`; none where the script does not know its own address. */
export async function locateAssets(): Promise<Assets> {
  try {
    const urls = {
      'worker.js': new URL('./worker.js', import.meta.url),
      'runtime/wasm.js': new URL('./runtime/wasm.js', import.meta.url),
      'runtime/wasm.bin': new URL('./runtime/wasm.bin', import.meta.url),
      'runtime/wasm-rest.bin': new URL('./runtime/wasm-rest.bin', import.meta.url),
      'runtime/jspi.js': new URL('./runtime/jspi.js', import.meta.url),
      'runtime/jspi.bin': new URL('./runtime/jspi.bin', import.meta.url),
      'runtime/jspi-rest.bin': new URL('./runtime/jspi-rest.bin', import.meta.url),
      'runtime/asyncify.js': new URL('./runtime/asyncify.js', import.meta.url),
      'runtime/asyncify.bin': new URL('./runtime/asyncify.bin', import.meta.url),
      'runtime/tokenizers.js': new URL('./runtime/tokenizers.js', import.meta.url),
      'models/emoji/text_encoder/model_quantized.onnx': new URL(
        './models/emoji/text_encoder/model_quantized.onnx',
        import.meta.url,
      ),
      'models/emoji/tokenizer/tokenizer.bin': new URL(
        './models/emoji/tokenizer/tokenizer.bin',
        import.meta.url,
      ),
      'models/emoji/unet/model_int8.onnx': new URL(
        './models/emoji/unet/model_int8.onnx',
        import.meta.url,
      ),
      'models/emoji/unet/model_quantized.onnx': new URL(
        './models/emoji/unet/model_quantized.onnx',
        import.meta.url,
      ),
      'models/emoji/vae_decoder/model_quantized.onnx': new URL(
        './models/emoji/vae_decoder/model_quantized.onnx',
        import.meta.url,
      ),
      'models/emoji/vae_encoder/model_quantized.onnx': new URL(
        './models/emoji/vae_encoder/model_quantized.onnx',
        import.meta.url,
      ),
      'models/emoji-turbo/unet/model_int8.onnx': new URL(
        './models/emoji-turbo/unet/model_int8.onnx',
        import.meta.url,
      ),
      'models/emoji-turbo/unet/model_quantized.onnx': new URL(
        './models/emoji-turbo/unet/model_quantized.onnx',
        import.meta.url,
      ),
      'models/fashion-mnist/classifier/model_quantized.onnx': new URL(
        './models/fashion-mnist/classifier/model_quantized.onnx',
        import.meta.url,
      ),
      'models/fashion-mnist/unet/model_int8.onnx': new URL(
        './models/fashion-mnist/unet/model_int8.onnx',
        import.meta.url,
      ),
      'models/fashion-mnist/unet/model_quantized.onnx': new URL(
        './models/fashion-mnist/unet/model_quantized.onnx',
        import.meta.url,
      ),
      'models/fashion-mnist-turbo/unet/model_int8.onnx': new URL(
        './models/fashion-mnist-turbo/unet/model_int8.onnx',
        import.meta.url,
      ),
      'models/fashion-mnist-turbo/unet/model_quantized.onnx': new URL(
        './models/fashion-mnist-turbo/unet/model_quantized.onnx',
        import.meta.url,
      ),
    };
    // Next.js gives addresses that are relative to the page's origin.
    const absolute = ({ href }: URL) => new URL(href, globalThis.location?.href).href;
    const assets = Object.fromEntries(
      Object.entries(urls).map(([path, url]) => [path, absolute(url)]),
    );
    return await unbundled(assets);
  } catch {
    return {};
  }
}

/**
 * Vite's development server, before version 8, serves dependencies from a cache in which their files are missing. It knows
 * where the package lies: in `node_modules` of the app, or of a workspace above it.
 */
async function unbundled(assets: Assets): Promise<Assets> {
  const [script] = import.meta.url.split('?');
  const worker = assets['worker.js']!;
  const isCached = /\/deps\/[^/]+\?v=/.test(import.meta.url);
  if (!isCached || worker !== new URL('worker.js', script).href) return assets;
  const base = /^(.*?\/)node_modules\/\./.exec(worker)?.[1] ?? new URL('/', worker).href;
  const address = `${base}@id/diffusion-elements/dist/worker.js?url`;
  const { default: path } = (await import(address)) as { default: string };
  const folder = new URL('.', new URL(path, worker));
  return Object.fromEntries(Object.keys(assets).map((file) => [file, new URL(file, folder).href]));
}
