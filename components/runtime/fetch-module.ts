import { EagerCompile, unpack } from './eager-compile.js';
import { fetchFile, type ExpectedFile } from './fetch-file.js';
import { unavailable } from './runtime-errors.js';
import type { OnBytes } from './shared-load.js';

/**
 * Fetches a packed WASM file, checks it, and compiles it while it comes.
 *
 * @param note bytes to add at the module's end
 * @throws DiffusionError `backend-unavailable`
 */
export async function fetchModule(
  url: URL,
  expected: ExpectedFile,
  onBytes: OnBytes,
  note?: Uint8Array,
): Promise<WebAssembly.Module> {
  const eager = new EagerCompile(note);
  let packed: Uint8Array;
  try {
    packed = await fetchFile(url, { expected, onBytes, tap: eager });
  } catch (error) {
    eager.drop();
    throw unavailable((error as Error).message, error);
  }
  const early = await eager.finish();
  if (early) return early;
  try {
    const bytes = new Blob([packed as Uint8Array<ArrayBuffer>]);
    return await WebAssembly.compileStreaming(unpack(bytes.stream(), note));
  } catch (error) {
    const { message } = error as Error;
    throw unavailable(
      /unsafe-eval|Content Security Policy/i.test(message)
        ? "this page's content security policy must have 'wasm-unsafe-eval' in script-src"
        : `${url.href} could not be compiled (${message})`,
      error,
    );
  }
}
