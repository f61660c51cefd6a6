import { invalidOption } from '../errors.js';
import { changeSettings } from './settings.js';

export interface Configuration {
  /** The folder that holds the package's files, as `npx diffusion-elements copy` makes it. */
  readonly baseUrl?: string | URL;
  /** Other places than in `baseUrl`: of `worker.js`, and of the folders `runtime` and `models`. */
  readonly workerUrl?: string | URL;
  readonly runtimeUrl?: string | URL;
  readonly modelsUrl?: string | URL;
  /** Where models named `hf:owner/name` are fetched from: a mirror of the Hugging Face Hub, which is the default. */
  readonly hubUrl?: string | URL;
  /** Whether runtime and weights are kept in Cache Storage; true by default. */
  readonly cache?: boolean;
  /** Threads of the WASM provider in cross-origin isolated pages, 1 to 16; half of the cores by default, 4 at most. */
  readonly threads?: number;
  /** Milliseconds without a byte after which a download counts as hung, 100 or more; 20,000 by default. */
  readonly stallTimeout?: number;
}

/**
 * Says where the package's files lie and how they are fetched, where that can't be told from the script's own address.
 * Call it before the first element draws; what is running already goes on as it was.
 *
 * @throws DiffusionError `invalid-option`
 */
export function configure(configuration: Configuration): void {
  const { baseUrl, workerUrl, runtimeUrl, modelsUrl, hubUrl } = configuration;
  const { cache, threads, stallTimeout } = configuration;
  if (cache !== undefined && typeof cache !== 'boolean') {
    throw invalidOption('cache', cache, 'true or false');
  }
  checkWhole('threads', threads, 1, 16);
  checkWhole('stallTimeout', stallTimeout, 100, 3_600_000);
  changeSettings({
    ...(baseUrl !== undefined && { baseUrl: folder('baseUrl', baseUrl) }),
    ...(workerUrl !== undefined && { workerUrl: file('workerUrl', workerUrl) }),
    ...(runtimeUrl !== undefined && { runtimeUrl: folder('runtimeUrl', runtimeUrl) }),
    ...(modelsUrl !== undefined && { modelsUrl: folder('modelsUrl', modelsUrl) }),
    ...(hubUrl !== undefined && { hubUrl: folder('hubUrl', hubUrl) }),
    ...(cache !== undefined && { cache }),
    ...(threads !== undefined && { threads }),
    ...(stallTimeout !== undefined && { stallTimeout }),
  });
}

function file(name: string, value: string | URL): string {
  try {
    return new URL(value, globalThis.document?.baseURI ?? globalThis.location?.href).href;
  } catch {
    throw invalidOption(name, value, 'a URL');
  }
}

function folder(name: string, value: string | URL): string {
  return file(name, value).replace(/\/?$/, '/');
}

function checkWhole(name: string, value: number | undefined, low: number, high: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= low && value <= high)) return;
  throw invalidOption(name, value, `a whole number from ${low} to ${high}`);
}
