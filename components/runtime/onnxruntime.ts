import type * as Ort from 'onnxruntime-web/wasm';
import { isNode, isWorker, wasmThreads } from './devices.js';
import { forgetScript, importScript } from './import-script.js';
import { writeRestNote } from './rest-note.js';
import { explainStart, unavailable } from './runtime-errors.js';
import { restHooks, runtimeFiles } from './runtime-files.js';
import { assetUrl, getSettings } from './settings.js';
import { SharedLoad, type OnBytes } from './shared-load.js';
import { startRuntime } from './start-runtime.js';
import { fetchModule } from './fetch-module.js';

export type OnnxRuntime = typeof Ort;

/**
 * The builds of onnxruntime-web: CPU kernels only; WebGPU and CPU by promise integration; the same by
 * asyncify, larger and slower, for browsers without promise integration. `native` is onnxruntime-node.
 */
export type Build = 'wasm' | 'jspi' | 'asyncify' | 'native';
/** Those that pages fetch. */
export type WebBuild = Exclude<Build, 'native'>;
/** Those that were taken apart (`packing/split.mjs`): a core, and a rest that few need. */
type SplitBuild = keyof typeof restHooks;

/** A build's script in `runtime/`. */
interface BuildModule {
  readonly ort: OnnxRuntime;
  /** The script's address, as it knows it itself. */
  readonly url: string;
  provideModule(module: Promise<WebAssembly.Module>): void;
  provideRest(module: WebAssembly.Module): Promise<void>;
}

const builds: Readonly<Record<Build, SharedLoad<Started>>> = {
  wasm: new SharedLoad((onBytes) => (isNode ? loadInNode('wasm') : load('wasm', onBytes))),
  jspi: new SharedLoad((onBytes) => load('jspi', onBytes)),
  asyncify: new SharedLoad((onBytes) => load('asyncify', onBytes)),
  native: new SharedLoad(() => loadInNode('native')),
};

const rests: Readonly<Record<SplitBuild, SharedLoad<WebAssembly.Module>>> = {
  wasm: new SharedLoad((onBytes) => loadRest('wasm', onBytes)),
  jspi: new SharedLoad((onBytes) => loadRest('jspi', onBytes)),
};

/** What is to run in a build. */
export interface Purpose {
  /** Whether it is one of the package's own networks. */
  readonly isBundled?: boolean;
  /** Whether it runs on the graphics device. */
  readonly isOnDevice?: boolean;
}

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

/** What is fetched to run a network in a build. */
export function runtimeParts(build: Build, purpose: Purpose): RuntimePart[] {
  if (isNode || build === 'native') return [];
  const rest = neededRest(build, purpose);
  const names = rest ? ([build, `${rest}-rest`] as const) : ([build] as const);
  return names.map((name) => ({ file: `runtime/${name}.bin`, size: runtimeFiles[name].size }));
}

/**
 * A build of onnxruntime-web, loaded once for all callers; a load that failed is tried again next time. Its WASM is
 * fetched beside the script, checked, and compiled at once.
 *
 * @param onBytes of each of its parts
 * @throws DiffusionError `backend-unavailable`
 */
export async function loadOnnxRuntime(
  build: Build,
  purpose: Purpose = {},
  onBytes: readonly OnBytes[] = [],
): Promise<OnnxRuntime> {
  const [onBuild, onRest] = onBytes;
  const needed = neededRest(build, purpose);
  const [{ ort, script }, rest] = await Promise.all([
    builds[build].get(onBuild),
    needed && rests[needed].get(onRest),
  ]);
  if (rest) await script!.provideRest(rest);
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
  return isNode && loadOnnxRuntime('native').then(Boolean, () => false);
}

async function loadInNode(build: 'wasm' | 'native'): Promise<Started> {
  const loaded = (await import(nodePackages[build]!)) as OnnxRuntime & { default?: OnnxRuntime };
  const ort = loaded.InferenceSession ? loaded : loaded.default!;
  ort.env.logLevel = 'error';
  if (build === 'wasm') ort.env.wasm.numThreads = 1;
  return { ort };
}

async function load(build: WebBuild, onBytes: OnBytes): Promise<Started> {
  const note = isSplit(build) ? restNote(build) : undefined;
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
  try {
    if (isWorker) await startRuntime(ort);
  } catch (error) {
    forgetScript(scriptUrl(build));
    throw explainStart(error);
  }
  return { ort, script };
}

async function loadRest(build: SplitBuild, onBytes: OnBytes): Promise<WebAssembly.Module> {
  const name = `${build}-rest` as const;
  return fetchModule(moduleUrl(name), runtimeFiles[name], onBytes);
}

const isSplit = (build: Build): build is SplitBuild => Object.hasOwn(rests, build);

/** Where a core fetches its rest itself, when it misses a function that none of our networks had called. */
function restNote(build: SplitBuild): Uint8Array {
  const name = `${build}-rest` as const;
  return writeRestNote({
    url: moduleUrl(name).href,
    size: runtimeFiles[name].size,
    hook: restHooks[build],
    patience: getSettings().stallTimeout,
  });
}

/**
 * The build whose rest is loaded beforehand, if any: the cores suffice for our own networks on the CPU, and a page's own thread
 * can't wait for more in mid-run.
 */
function neededRest(build: Build, { isBundled, isOnDevice }: Purpose): SplitBuild | undefined {
  const coreSuffices = isBundled && !isOnDevice && isWorker;
  return isSplit(build) && !isNode && !coreSuffices ? build : undefined;
}

const moduleUrl = (name: keyof typeof runtimeFiles) => assetUrl(`runtime/${name}.bin`);
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
