import { DiffusionError } from '../errors.js';

/** Where files are found at run time, and how they are fetched. Each thread has a copy. */
export interface Settings {
  /** Absolute URLs of the package's files, by their paths in its folder `dist`. */
  readonly assets: Readonly<Record<string, string>>;
  /** The folder where they lie instead. */
  readonly baseUrl?: string;
  /** Other places than in `baseUrl`: of `worker.js`, and of the folders `runtime` and `models`. */
  readonly workerUrl?: string;
  readonly runtimeUrl?: string;
  readonly modelsUrl?: string;
  /** Where models named `hf:owner/name` lie. */
  readonly hubUrl: string;
  /** Whether the runtime and weights are kept in Cache Storage. */
  readonly cache: boolean;
  /** The most threads of the WASM provider; by default half of the cores, 4 at most. */
  readonly threads?: number;
  /** Whether WebGPU is left alone, since the page before this one ended while it was at work. */
  readonly avoidWebGpu?: boolean;
  /** Milliseconds without a byte after which a download counts as hung. */
  readonly stallTimeout: number;
}

let settings: Settings = {
  assets: {},
  hubUrl: 'https://huggingface.co/',
  cache: true,
  stallTimeout: 20_000,
};

let located: Promise<unknown> = Promise.resolve();

export function getSettings(): Settings {
  return settings;
}

/** Takes over where the package's files lie, once that is known. */
export function provideAssets(assets: Promise<Settings['assets']>): void {
  located = assets.then((known) => changeSettings({ assets: known }));
}

/** Resolves when it is known where the package's files lie. */
export async function whenLocated(): Promise<void> {
  await located;
}

export function changeSettings(changes: Partial<Settings>): void {
  settings = { ...settings, ...changes };
}

/**
 * The URL of a file of the package.
 *
 * @param path in its folder `dist`
 * @throws DiffusionError `backend-unavailable` where nobody has said where it lies
 */
export function assetUrl(path: string): URL {
  const { assets, baseUrl, workerUrl, runtimeUrl, modelsUrl } = settings;
  const [first, ...rest] = path.split('/');
  const folder = first === 'runtime' ? runtimeUrl : first === 'models' ? modelsUrl : undefined;
  if (path === 'worker.js' && workerUrl) return new URL(workerUrl);
  if (folder) return new URL(rest.join('/'), folder);
  if (baseUrl) return new URL(path, baseUrl);
  if (Object.hasOwn(assets, path)) return new URL(assets[path]!);
  throw new DiffusionError(
    'backend-unavailable',
    `It is not known where ${path} lies: copy the package's files to a folder of your site ` +
      '("npx diffusion-elements copy FOLDER") and call configure({ baseUrl }) with its address.',
  );
}
