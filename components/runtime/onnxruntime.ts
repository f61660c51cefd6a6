import type * as Ort from 'onnxruntime-web/wasm';
import { DiffusionError } from '../errors.js';
import { isNode, wasmThreads } from './devices.js';

export type OnnxRuntime = typeof Ort;

/**
 * The builds of onnxruntime-web: CPU kernels only; WebGPU and CPU by promise integration; the same by
 * asyncify, larger and slower, for browsers without promise integration.
 */
export type Build = 'wasm' | 'jspi' | 'asyncify';

const importers: Record<Build, () => Promise<OnnxRuntime>> = {
  wasm: () => import('onnxruntime-web/wasm'),
  jspi: () => import('onnxruntime-web/jspi') as Promise<OnnxRuntime>,
  asyncify: () => import('onnxruntime-web/webgpu') as Promise<OnnxRuntime>,
};

const suffixes: Record<Build, string> = { wasm: '', jspi: '.jspi', asyncify: '.asyncify' };

const loaded = new Map<Build, Promise<OnnxRuntime>>();

async function load(build: Build): Promise<OnnxRuntime> {
  const ort = await importers[build]();
  ort.env.logLevel = 'error';
  ort.env.wasm.numThreads = wasmThreads();
  if (!isNode) {
    const file = `ort/ort-wasm-simd-threaded${suffixes[build]}`;
    ort.env.wasm.wasmPaths = {
      mjs: new URL(`./${file}.mjs`, import.meta.url).href,
      wasm: new URL(`./${file}.wasm`, import.meta.url).href,
    };
  }
  return ort;
}

/** A build of onnxruntime-web, loaded once; a load that failed is tried again next time. */
export async function loadOnnxRuntime(build: Build): Promise<OnnxRuntime> {
  let promise = loaded.get(build);
  if (!promise) {
    promise = load(build);
    loaded.set(build, promise);
  }
  try {
    return await promise;
  } catch (error) {
    loaded.delete(build);
    throw new DiffusionError(
      'backend-unavailable',
      `The ${build} build of onnxruntime-web could not be loaded: check that the folder "ort" ` +
        'stands beside the script and that the content security policy has wasm-unsafe-eval.',
      { cause: error },
    );
  }
}
