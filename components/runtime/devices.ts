import { getSettings } from './settings.js';

/** A WebGPU adapter, or the reason why there is none. */
export type WebGpuProbe =
  | { readonly adapter: GPUAdapter; readonly name: string }
  | { readonly adapter?: undefined; readonly reason: string };

function adapterName({ info }: GPUAdapter): string {
  const parts = [info?.vendor, info?.architecture, info?.device, info?.description];
  return parts.filter(Boolean).join(' ') || 'unnamed adapter';
}

/** Asks the browser for a WebGPU adapter; never throws. */
export async function probeWebGpu(): Promise<WebGpuProbe> {
  if (getSettings().avoidWebGpu) {
    return { reason: 'this page ended while WebGPU was at work, so it is left alone' };
  }
  const gpu = (globalThis.navigator as Navigator | undefined)?.gpu;
  if (!gpu) return { reason: 'this browser has no WebGPU' };
  try {
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (!adapter) return { reason: 'WebGPU found no adapter' };
    return { adapter, name: adapterName(adapter) };
  } catch (error) {
    return { reason: `WebGPU refused an adapter: ${(error as Error).message}` };
  }
}

/** JavaScript Promise Integration: lets the smaller WebGPU build of onnxruntime-web run. */
export function hasPromiseIntegration(): boolean {
  return 'Suspending' in WebAssembly;
}

/** Threads for the WASM provider, at most so many: one, unless the page is cross-origin isolated. */
export function wasmThreads(most?: number): number {
  if (!globalThis.crossOriginIsolated) return 1;
  const cores = navigator.hardwareConcurrency ?? 2;
  return Math.max(1, most ?? Math.min(4, Math.floor(cores / 2)));
}

/** A thread of its own, which nobody looks at. */
export const isWorker: boolean = 'WorkerGlobalScope' in globalThis;

/** Node, where files are read from disk and onnxruntime-web finds its own WASM. */
export const isNode: boolean = typeof process === 'object' && Boolean(process.versions?.node);
