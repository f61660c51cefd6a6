import type * as Ort from 'onnxruntime-web/wasm';
import { DiffusionError } from '../errors.js';
import { isNode, wasmThreads } from './devices.js';
import { EagerCompile, unpack } from './eager-compile.js';
import { fetchFile } from './fetch-file.js';
import { forgetScript, importScript } from './import-script.js';
import { runtimeFiles } from './runtime-files.js';
import { assetUrl, getSettings } from './settings.js';

export type OnnxRuntime = typeof Ort;

/**
 * The builds of onnxruntime-web: CPU kernels only; WebGPU and CPU by promise integration; the same by
 * asyncify, larger and slower, for browsers without promise integration. `native` is onnxruntime-node.
 */
export type Build = 'wasm' | 'jspi' | 'asyncify' | 'native';
/** Those that pages fetch. */
export type WebBuild = Exclude<Build, 'native'>;

type OnBytes = (loaded: number, total: number) => void;

/** A build's script in `runtime/`. */
interface BuildModule {
  readonly ort: OnnxRuntime;
  /** The script's address, as it knows it itself. */
  readonly url: string;
  provideModule(module: Promise<WebAssembly.Module>): void;
}

interface Loading {
  readonly runtime: Promise<OnnxRuntime>;
  readonly listeners: Set<OnBytes>;
}

const loading = new Map<Build, Loading>();

/** Bytes of a build's WASM as it is fetched. */
export function runtimeSize(build: Build): number {
  return isNode ? 0 : runtimeFiles[build as WebBuild].size;
}

/**
 * A build of onnxruntime-web, loaded once for all callers; a load that failed is tried again next time. Its WASM is
 * fetched beside the script, checked, and compiled at once.
 *
 * @throws DiffusionError `backend-unavailable`
 */
export async function loadOnnxRuntime(build: Build, onBytes?: OnBytes): Promise<OnnxRuntime> {
  let current = loading.get(build);
  const isJoining = current !== undefined;
  if (!current) {
    const listeners = new Set<OnBytes>();
    const report: OnBytes = (...bytes) => listeners.forEach((listener) => listener(...bytes));
    current = { runtime: isNode ? loadInNode(build) : load(build as WebBuild, report), listeners };
    loading.set(build, current);
  }
  if (onBytes) current.listeners.add(onBytes);
  try {
    return await current.runtime;
  } catch (error) {
    if (loading.get(build) === current) loading.delete(build);
    // Somebody else's load failed; what was wrong may be mended since.
    if (isJoining) return await loadOnnxRuntime(build, onBytes);
    throw error;
  } finally {
    if (onBytes) current.listeners.delete(onBytes);
  }
}

/** After a start that failed, which the build's script remembers: the next load takes the script anew. */
export function forgetOnnxRuntime(build: Build): void {
  loading.delete(build);
  if (!isNode) forgetScript(scriptUrl(build));
}

/** Looked up when it runs, so that no bundler for pages follows it. */
const nodePackages: Partial<Record<Build, string>> = {
  wasm: 'onnxruntime-web/wasm',
  native: 'onnxruntime-node',
};

/** Whether onnxruntime-node is installed, and works. */
export async function hasNativeRuntime(): Promise<boolean> {
  return isNode && loadOnnxRuntime('native').then(Boolean, () => false);
}

async function loadInNode(build: Build): Promise<OnnxRuntime> {
  const loaded = (await import(nodePackages[build]!)) as OnnxRuntime & { default?: OnnxRuntime };
  const ort = loaded.InferenceSession ? loaded : loaded.default!;
  ort.env.logLevel = 'error';
  if (build === 'wasm') ort.env.wasm.numThreads = 1;
  return ort;
}

async function load(build: WebBuild, onBytes: OnBytes): Promise<OnnxRuntime> {
  const compiled = fetchModule(build, onBytes);
  compiled.catch(() => undefined);
  const { ort, provideModule, url } = await importBuild(build);
  provideModule(compiled);
  ort.env.logLevel = 'error';
  // Threads are workers of the script, and workers come from the page's own origin only.
  const isOwn = new URL(url).origin === globalThis.origin;
  ort.env.wasm.numThreads = isOwn ? wasmThreads(getSettings().threads) : 1;
  ort.env.wasm.wasmPaths = { wasm: 'provided' };
  await compiled;
  return ort;
}

const scriptUrl = (build: Build) => assetUrl(`runtime/${build}.js`);

async function importBuild(build: WebBuild): Promise<BuildModule> {
  const url = scriptUrl(build);
  try {
    return await importScript<BuildModule>(build, url);
  } catch (error) {
    const reason = `${url.href} could not be loaded (${(error as Error).message})`;
    throw unavailable(
      `${reason}: check that the package's files lie there, or call configure({ baseUrl }) with the address of the folder ` +
        'where they do',
      error,
    );
  }
}

async function fetchModule(build: WebBuild, onBytes: OnBytes): Promise<WebAssembly.Module> {
  const url = assetUrl(`runtime/${build}.bin`);
  const eager = new EagerCompile();
  let packed: Uint8Array;
  try {
    packed = await fetchFile(url, { expected: runtimeFiles[build], onBytes, tap: eager });
  } catch (error) {
    eager.drop();
    throw unavailable((error as Error).message, error);
  }
  const early = await eager.finish();
  if (early) return early;
  try {
    const bytes = new Blob([packed as Uint8Array<ArrayBuffer>]);
    return await WebAssembly.compileStreaming(unpack(bytes.stream()));
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

function unavailable(reason: string, cause: unknown): DiffusionError {
  return new DiffusionError(
    'backend-unavailable',
    `The network's runtime could not be started: ${reason.replace(/\.$/, '')}.`,
    { cause },
  );
}
