import { DiffusionError, invalidOption } from '../errors.js';
import { isNode } from './devices.js';
import { fetchFile, type ExpectedFile, type FetchOptions } from './weights.js';

/** Numeric types by transformers.js's names, and the file name's suffix that stands for each. */
export const dtypeSuffixes = {
  fp32: '',
  fp16: '_fp16',
  q8: '_quantized',
  int8: '_int8',
  q4: '_q4',
  q4f16: '_q4f16',
} as const;

export type Dtype = keyof typeof dtypeSuffixes;

export function checkDtype(dtype: string): Dtype {
  if (!(dtype in dtypeSuffixes)) {
    throw invalidOption('dtype', dtype, `one of ${Object.keys(dtypeSuffixes).join(', ')}`);
  }
  return dtype as Dtype;
}

export interface LoadProgress {
  /** Bytes received of this file, and in all. */
  readonly loaded: number;
  readonly total: number;
  /** The file's path in the model's folder. */
  readonly file: string;
}

export interface ReadOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: LoadProgress) => void;
}

/** `model_index.json` of diffusers; the class names, and this project's `defaults`, are optional. */
export interface ModelIndex {
  readonly _class_name?: string;
  readonly id2label?: Readonly<Record<string, string>>;
  readonly defaults?: {
    readonly scheduler?: string;
    readonly steps?: number;
    readonly guidance_scale?: number;
    /** By class name: what schedulers other than the model's own need set differently. */
    readonly scheduler_configs?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  };
}

/** `unet/config.json` of diffusers, as far as it is read here. */
export interface UNetConfig {
  readonly sample_size: number | readonly [number, number];
  readonly in_channels: number;
  readonly num_class_embeds?: number | null;
}

/** The URL of a model's folder: absolute, or relative to the page or, in Node, to the working directory. */
export function folderUrl(model: string | URL, base?: string): URL {
  const text = String(model).replace(/\/?$/, '/');
  try {
    if (base) return new URL(text, base);
    if (!isNode) return new URL(text, globalThis.document?.baseURI ?? globalThis.location?.href);
    const { pathToFileURL } = process.getBuiltinModule('node:url');
    return /^[a-z][a-z\d+.-]+:/i.test(text) ? new URL(text) : pathToFileURL(text);
  } catch {
    throw invalidOption('model', model, "the URL of a model's folder");
  }
}

/** A model in diffusers' folder layout, with ONNX files. */
export class ModelFolder {
  private constructor(
    readonly url: URL,
    readonly index: ModelIndex,
    readonly files: Readonly<Record<string, ExpectedFile>> | undefined,
  ) {}

  /** Reads `model_index.json`, and `files.json` where there is one. */
  static async open(url: URL, options: ReadOptions = {}): Promise<ModelFolder> {
    const read = (file: string) => fetchFile(new URL(file, url), { signal: options.signal });
    const files = await read('files.json').catch((error: unknown) => {
      if (error instanceof DiffusionError && error.code === 'model-not-found') return undefined;
      throw error;
    });
    const index = await read('model_index.json');
    return new ModelFolder(
      url,
      parseJson(index, 'model_index.json') as ModelIndex,
      files && (parseJson(files, 'files.json') as Record<string, ExpectedFile>),
    );
  }

  /** Class names in the order of their indices; empty for a model without classes. */
  get labels(): string[] {
    const names = Object.entries(this.index.id2label ?? {});
    return names.sort(([a], [b]) => Number(a) - Number(b)).map(([, name]) => name);
  }

  /** Of these numeric types, the first that the folder has; without a `files.json`, the first. */
  firstOf(part: string, dtypes: readonly Dtype[]): Dtype {
    const { files } = this;
    const found = files ? dtypes.find((dtype) => files[modelFile(part, dtype)]) : dtypes[0];
    if (found) return found;
    throw new DiffusionError(
      'unsupported-model',
      `The model at ${this.url.href} has no ${part} as ${dtypes.join(' or ')}.`,
    );
  }

  async readModel(part: string, dtype: Dtype, options: ReadOptions = {}): Promise<Uint8Array> {
    return this.#read(modelFile(part, dtype), options);
  }

  async readJson(file: string, options: ReadOptions = {}): Promise<Record<string, unknown>> {
    return parseJson(await this.#read(file, options), file) as Record<string, unknown>;
  }

  async #read(file: string, { signal, onProgress }: ReadOptions): Promise<Uint8Array> {
    const options: FetchOptions = {
      signal,
      expected: this.files?.[file],
      onBytes: (loaded, total) => onProgress?.({ loaded, total, file }),
    };
    return fetchFile(new URL(file, this.url), options);
  }
}

function modelFile(part: string, dtype: Dtype): string {
  return `${part}/model${dtypeSuffixes[dtype]}.onnx`;
}

function parseJson(bytes: Uint8Array, file: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new DiffusionError('model-invalid', `${file} of the model is not JSON.`, {
      cause: error,
    });
  }
}
