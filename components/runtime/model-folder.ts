import { DiffusionError, invalidOption } from '../errors.js';
import { bundledModels } from './bundled-models.js';
import { isNode } from './devices.js';
import { fetchFile, type ExpectedFile } from './fetch-file.js';
import { fileUrl, folderUrl } from './model-address.js';
import { assetUrl, whenLocated } from './settings.js';

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

const dtypes = Object.keys(dtypeSuffixes) as readonly Dtype[];

export function checkDtype(dtype: string): Dtype {
  if (!Object.hasOwn(dtypeSuffixes, dtype)) {
    throw invalidOption('dtype', dtype, `one of ${dtypes.join(', ')}`);
  }
  return dtype as Dtype;
}

export interface LoadProgress {
  /** Bytes received of all that is fetched before the first picture, and in all. */
  readonly loaded: number;
  readonly total: number;
  /** The file that these bytes are of: its path in the model's folder, or in the package's. */
  readonly file: string;
}

export interface ReadOptions {
  readonly signal?: AbortSignal;
  /** Called with the bytes received so far, and their total where it is known, else 0. */
  readonly onBytes?: (loaded: number, total: number) => void;
}

/** `model_index.json` of diffusers; the class names, and this project's `defaults`, are optional. */
export interface ModelIndex {
  readonly _class_name?: string;
  readonly id2label?: Readonly<Record<string, string>>;
  /** This project's: a classifier of noised pictures lies in the folder `classifier`. */
  readonly classifier?: unknown;
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

type Manifest = Readonly<Record<string, ExpectedFile>>;

/** A model that comes with the package: its JSON files, and what is known of its weights. */
export interface BundledModel {
  readonly json: Readonly<Record<string, unknown>>;
  readonly files: Manifest;
}

/** A model in diffusers' folder layout, with ONNX files. */
export class ModelFolder {
  /** Of folders without a manifest: the variant of each part that was found. */
  readonly #found = new Map<string, Dtype>();

  private constructor(
    /** What tells this folder from others: its URL, or the name of a bundled model. */
    readonly name: string,
    readonly locate: (file: string) => URL,
    readonly manifest: Manifest | undefined,
    readonly json: BundledModel['json'],
    readonly index: ModelIndex,
  ) {}

  /**
   * Reads `model_index.json` and `files.json`, where they are there.
   *
   * @param model the name of a bundled model, or a folder's URL (in Node also its path)
   */
  static async open(model: string | URL, { signal }: ReadOptions = {}): Promise<ModelFolder> {
    const bundled = findBundled(model);
    await whenLocated();
    if (bundled) {
      const { json, files } = bundled;
      const index = json['model_index.json'] as ModelIndex;
      const name = String(model);
      return new ModelFolder(name, (file) => bundledFile(name, file), files, json, index);
    }
    const url = folderUrl(model);
    const read = (file: string) => readOptional(fileUrl(url, file), file, signal);
    const [manifest, index] = await Promise.all([read('files.json'), read('model_index.json')]);
    const files = manifest && checkManifest(manifest);
    return new ModelFolder(url.href, (file) => fileUrl(url, file), files, {}, index ?? {});
  }

  /** Class names in the order of their indices; empty for a model without classes. */
  get labels(): string[] {
    const names = Object.entries(this.index.id2label ?? {});
    return names.sort(([a], [b]) => Number(a) - Number(b)).map(([, name]) => String(name));
  }

  /**
   * Of these numeric types, the first that the folder has, with the part's weights. Without a manifest each is asked
   * for in turn.
   */
  async readWeights(
    part: string,
    wanted: readonly Dtype[],
    options: ReadOptions = {},
  ): Promise<{ dtype: Dtype; bytes: Uint8Array }> {
    const read = (dtype: Dtype) => this.#read(weightsFile(part, dtype), options);
    const known = this.manifest ? this.#listed(part, wanted) : this.#found.get(part);
    if (known && wanted.includes(known)) return { dtype: known, bytes: await read(known) };
    if (this.manifest) throw this.#lacks(part, wanted);
    for (const dtype of wanted) {
      try {
        const bytes = await read(dtype);
        this.#found.set(part, dtype);
        return { dtype, bytes };
      } catch (error) {
        if (!isAbsence(error)) throw error;
      }
    }
    throw this.#lacks(part, wanted);
  }

  /** What is known of the file that `readWeights` reads; its size is 0, and it the first to be asked for, where nothing is. */
  expectWeights(
    part: string,
    wanted: readonly Dtype[],
  ): { file: string; size: number; optimized: boolean } {
    const file = weightsFile(part, this.#listed(part, wanted) ?? wanted[0]!);
    const { size = 0, optimized = false } = this.manifest?.[file] ?? {};
    return { file, size, optimized };
  }

  /** A JSON file of the folder; undefined where there is none. */
  async readJson(
    file: string,
    { signal }: ReadOptions = {},
  ): Promise<Record<string, unknown> | undefined> {
    const known = this.json[file];
    if (known) return known as Record<string, unknown>;
    return readOptional(this.locate(file), file, signal, this.manifest?.[file]);
  }

  #listed(part: string, wanted: readonly Dtype[]): Dtype | undefined {
    return wanted.find((dtype) => Object.hasOwn(this.manifest ?? {}, weightsFile(part, dtype)));
  }

  #read(file: string, options: ReadOptions): Promise<Uint8Array> {
    const expected = this.manifest?.[file];
    return fetchFile(this.locate(file), { ...options, expected, revalidate: true });
  }

  #lacks(part: string, wanted: readonly Dtype[]): DiffusionError {
    const there = dtypes.filter((dtype) => this.#listed(part, [dtype]));
    return new DiffusionError(
      'unsupported-model',
      `The model ${this.name} has no ${part} as ${wanted.join(' or ')}` +
        (this.manifest
          ? `; it has ${there.join(', ') || 'none'}.`
          : `: it was looked for as ${wanted.map((dtype) => weightsFile(part, dtype)).join(', ')}.`),
    );
  }
}

function findBundled(model: string | URL): BundledModel | undefined {
  return typeof model === 'string' && Object.hasOwn(bundledModels, model)
    ? bundledModels[model]
    : undefined;
}

/** Beside the package's script; in Node beside the built package, or in the repository. */
function bundledFile(name: string, file: string): URL {
  const path = `models/${name}/${file}`;
  if (!isNode) return assetUrl(path);
  const { existsSync } = process.getBuiltinModule('node:fs');
  const places = ['../', '../../'].map((folder) => new URL(folder + path, import.meta.url));
  return places.find((place) => existsSync(place)) ?? places[0]!;
}

function weightsFile(part: string, dtype: Dtype): string {
  return `${part}/model${dtypeSuffixes[dtype]}.onnx`;
}

function isAbsence(error: unknown): boolean {
  return error instanceof DiffusionError && error.code === 'model-not-found';
}

/** A JSON object; undefined where there is no such file, or the server answers with its app's page. */
async function readOptional(
  url: URL,
  file: string,
  signal: AbortSignal | undefined,
  expected?: ExpectedFile,
): Promise<Record<string, unknown> | undefined> {
  let text: string;
  try {
    text = new TextDecoder().decode(await fetchFile(url, { signal, expected }));
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
  if (text.trimStart().startsWith('<')) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new DiffusionError('model-invalid', `${file} of the model is not JSON.`, {
      cause: error,
    });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new DiffusionError('model-invalid', `${file} of the model must hold a JSON object.`);
}

/** @throws DiffusionError `model-invalid` */
export function checkManifest(manifest: Record<string, unknown>): Manifest {
  for (const [file, entry] of Object.entries(manifest)) {
    const { size, sha256 } = (entry ?? {}) as Partial<ExpectedFile>;
    const isSize = Number.isSafeInteger(size) && size! >= 0;
    if (!isSize || typeof sha256 !== 'string' || !/^[\da-f]{64}$/.test(sha256)) {
      throw new DiffusionError(
        'model-invalid',
        `files.json of the model must give "${file}" a "size" in bytes and a "sha256" in lower-case hexadecimal.`,
      );
    }
  }
  return manifest as Manifest;
}
