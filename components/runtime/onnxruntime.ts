import type * as Ort from 'onnxruntime-web/wasm';
import { isNode, wasmThreads } from './devices.js';
import { forgetScript, importScript } from './import-script.js';
import { writeRestNote } from './rest-note.js';
import { runtimeFiles } from './runtime-files.js';
import { assetUrl, getSettings } from './settings.js';
import { SharedLoad, type OnBytes } from './shared-load.js';
import { fetchModule, unavailable } from './wasm-module.js';

export type OnnxRuntime = typeof Ort;

/**
 * The builds of onnxruntime-web: CPU kernels only; WebGPU and CPU by promise integration; the same by
 * asyncify, larger and slower, for browsers without promise integration. `native` is onnxruntime-node.
 */
export type Build = 'wasm' | 'jspi' | 'asyncify' | 'native';
/** Those that pages fetch. */
export type WebBuild = Exclude<Build, 'native'>;

/** A build's script in `runtime/`. */
interface BuildModule {
  readonly ort: OnnxRuntime;
  /** The script's address, as it knows it itself. */
  readonly url: string;
  provideModule(module: Promise<WebAssembly.Module>): void;
  provideRest(module: WebAssembly.Module): Promise<void>;
}

/** What the core of the build for CPUs lacks for networks other than ours: `packing/split.mjs`. */
const REST = 'wasm-rest';

const builds: Readonly<Record<Build, SharedLoad<Started>>> = {
  wasm: new SharedLoad((onBytes) => (isNode ? loadInNode('wasm') : load('wasm', onBytes))),
  jspi: new SharedLoad((onBytes) => load('jspi', onBytes)),
  asyncify: new SharedLoad((onBytes) => load('asyncify', onBytes)),
  native: new SharedLoad(() => loadInNode('native')),
};

const rest = new SharedLoad(loadRest);

interface Started {
  readonly ort: OnnxRuntime;
  /** In pages. */
  readonly script?: BuildModule;
}

/** A part of a build that is fetched: its name in `runtime/`, and its bytes. */
export interface RuntimePart {
  readonly file: string;
  readonly size: number;
}

/**
 * What is fetched to run a network in a build.
 *
 * @param isBundled whether it is one of the package's own, which the core of the build for CPUs suffices for
 */
export function runtimeParts(build: Build, isBundled: boolean): RuntimePart[] {
  if (isNode) return [];
  const names = needsRest(build, isBundled) ? ([build, REST] as const) : ([build] as const);
  return names.map((name) => ({
    file: `runtime/${name}.bin`,
    size: runtimeFiles[name as WebBuild].size,
  }));
}

/**
 * A build of onnxruntime-web, loaded once for all callers; a load that failed is tried again next time. Its WASM is
 * fetched beside the script, checked, and compiled at once.
 *
 * @param isBundled as in `runtimeParts`
 * @param onBytes of each part
 * @throws DiffusionError `backend-unavailable`
 */
export async function loadOnnxRuntime(
  build: Build,
  isBundled = false,
  onBytes: readonly OnBytes[] = [],
): Promise<OnnxRuntime> {
  const [onBuild, onRest] = onBytes;
  const [{ ort, script }, more] = await Promise.all([
    builds[build].get(onBuild),
    needsRest(build, isBundled) ? rest.get(onRest) : undefined,
  ]);
  if (more) await script!.provideRest(more);
  return ort;
}

/** After a start that failed, which the build's script remembers: the next load takes the script anew. */
export function forgetOnnxRuntime(build: Build): void {
  builds[build].forget();
  if (!isNode) forgetScript(scriptUrl(build));
}

/** Looked up when it runs, so that no bundler for pages follows it. */
const nodePackages: Partial<Record<Build, string>> = {
  wasm: 'onnxruntime-web/wasm',
  native: 'onnxruntime-node',
};

/** Whether onnxruntime-node is installed, and works. */
export async function hasNativeRuntime(): Promise<boolean> {
  return isNode && loadOnnxRuntime('native', true).then(Boolean, () => false);
}

async function loadInNode(build: 'wasm' | 'native'): Promise<Started> {
  const loaded = (await import(nodePackages[build]!)) as OnnxRuntime & { default?: OnnxRuntime };
  const ort = loaded.InferenceSession ? loaded : loaded.default!;
  ort.env.logLevel = 'error';
  if (build === 'wasm') ort.env.wasm.numThreads = 1;
  return { ort };
}

async function load(build: WebBuild, onBytes: OnBytes): Promise<Started> {
  const note = build === 'wasm' ? restNote() : undefined;
  const compiled = fetchModule(moduleUrl(build), runtimeFiles[build], onBytes, note);
  compiled.catch(() => undefined);
  const script = await importBuild(build);
  const { ort, url } = script;
  script.provideModule(compiled);
  ort.env.logLevel = 'error';
  // Threads are workers of the script, and workers come from the page's own origin only.
  const isOwn = new URL(url).origin === globalThis.origin;
  ort.env.wasm.numThreads = isOwn ? wasmThreads(getSettings().threads) : 1;
  ort.env.wasm.wasmPaths = { wasm: 'provided' };
  await compiled;
  return { ort, script };
}

async function loadRest(onBytes: OnBytes): Promise<WebAssembly.Module> {
  return fetchModule(moduleUrl(REST), runtimeFiles[REST], onBytes);
}

/** Where a core fetches its rest itself, when it misses a function although its network is one of ours. */
function restNote(): Uint8Array {
  const { size } = runtimeFiles[REST];
  return writeRestNote({ url: moduleUrl(REST).href, size, patience: getSettings().stallTimeout });
}

/** Whether more is loaded beforehand: a page's own thread can't wait for it in mid-run. */
function needsRest(build: Build, isBundled: boolean): boolean {
  return build === 'wasm' && !isNode && (!isBundled || !('WorkerGlobalScope' in globalThis));
}

const moduleUrl = (name: WebBuild | typeof REST) => assetUrl(`runtime/${name}.bin`);
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
