import { DiffusionError } from '../errors.js';
import { bundledModels } from './bundled-models.js';
import { isNode } from './devices.js';
import { sourceOfBytes, type ByteSource } from './byte-source.js';
import { dtypes, weightsFile, type Dtype } from './dtypes.js';
import { fetchFile, openFile } from './fetch-file.js';
import { checkManifest, totalOf, type Manifest } from './manifest.js';
import { fileUrl, folderUrl } from './model-address.js';
import { detachWeights, externalFiles } from './onnx-file.js';
import { readOptional, readOptionalText } from './optional-file.js';
import { probeFile } from './probe-file.js';
import { forget } from './storage.js';
import { assetUrl, whenLocated } from './settings.js';

export interface ReadOptions {
  readonly signal?: AbortSignal;
  /** Called with the bytes received so far, and their total where it is known, else 0. */
  readonly onBytes?: (loaded: number, total: number) => void;
}

/** Of distilled models: the most steps that they were made for, and the schedulers that fit them. */
export interface FewSteps {
  readonly most: number;
  readonly schedulers: readonly string[];
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
    readonly few_steps?: FewSteps;
    /** Whether the kept part of a masked picture is put over what was decoded. */
    readonly overlay?: boolean;
    /** What is said to models that read text: prompts to begin with, and styles that can be named at their end. */
    readonly prompts?: {
      readonly suggestions?: readonly string[];
      readonly styles?: readonly string[];
    };
    /** Red, green and blue of a latent, in -1 to 1: a weight for each channel, then a constant. */
    readonly latent_rgb_factors?: readonly (readonly number[])[];
    /** By class name: what schedulers other than the model's own need set differently. */
    readonly scheduler_configs?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  };
}

/** A file with a part's weights, and what is known of it. */
export interface Weights {
  readonly part: string;
  readonly dtype: Dtype;
  readonly file: string;
  /** In bytes; 0 where that is not known. */
  readonly size: number;
  /** The network holds its fusions already. */
  readonly optimized: boolean;
}

/** A part's network as it was read: its ONNX file, and files beside it that hold its weights. */
export interface WeightBytes {
  readonly bytes: Uint8Array;
  readonly external: readonly { readonly path: string; readonly data: ByteSource }[];
  /** The ONNX file in Node, where it lies on disk. */
  readonly path?: string;
  /** Of all that was read. */
  readonly size: number;
}

/** Bytes of a file above which it is read piece by piece. */
const LARGE = 32e6;
/** What stands for the ONNX file itself where its weights are taken from it. */
const ITSELF = 'weights';

/** A model that comes with the package: its JSON files, and what is known of its weights. */
export interface BundledModel {
  readonly json: Readonly<Record<string, unknown>>;
  readonly files: Manifest;
  /** Those of its files that lie with another bundled model. */
  readonly shared?: { readonly files: readonly string[]; readonly from: string };
}

/** A model in diffusers' folder layout, with ONNX files. */
export class ModelFolder {
  /** Of folders without a manifest: the sizes of files that were asked for; undefined for those that are not there. */
  readonly #probed = new Map<string, number | undefined>();

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
   * The file of a part's weights in the first of these numeric types that the folder has. Without a manifest the server is
   * asked for each in turn, once.
   *
   * @throws DiffusionError `unsupported-model` where it has none of them
   */
  async findWeights(
    part: string,
    wanted: readonly Dtype[],
    signal?: AbortSignal,
  ): Promise<Weights> {
    for (const dtype of wanted) {
      const file = weightsFile(part, dtype);
      const size = await this.#sizeOf(file, signal);
      if (size === undefined) continue;
      const optimized = this.manifest?.[file]?.optimized ?? false;
      return { part, dtype, file, size, optimized };
    }
    throw this.#lacks(part, wanted);
  }

  /** Reads a part's network, and the files beside it in which its weights lie. */
  async readWeights(
    { part, file, size }: Weights,
    { signal, onBytes }: ReadOptions = {},
  ): Promise<WeightBytes> {
    const isLarge = size >= LARGE;
    const url = this.locate(file);
    const path = isNode && url.protocol === 'file:' ? filePath(url) : undefined;
    const model = await this.#open(file, isLarge, { signal, onBytes });
    const external: { path: string; data: ByteSource }[] = [];
    let before = model.size;
    for (const name of externalFiles(model)) {
      if (/^[/\\]|^[a-z]+:|\.\.|[?#]/i.test(name)) throw strayFile(file, name);
      const start = before;
      const data = await this.#open(`${part}/${name}`, true, {
        signal,
        onBytes: onBytes && ((loaded, total) => onBytes(start + loaded, start + total)),
      });
      before += data.size;
      external.push({ path: name, data });
    }
    const known = { path, size: before };
    if (!isLarge || external.length > 0) {
      return { ...known, bytes: model.read(0, model.size), external };
    }
    const itself = { path: ITSELF, data: model };
    return { ...known, bytes: detachWeights(model, ITSELF), external: [itself] };
  }

  /** What was kept of a part's weights is no good: it is fetched anew next time. */
  async forgetWeights({ file }: Weights): Promise<void> {
    await forget(this.locate(file));
  }

  /** A file of the folder as text; undefined where there is none. */
  async readText(file: string, { signal }: ReadOptions = {}): Promise<string | undefined> {
    const known = this.json[file];
    if (known) return JSON.stringify(known);
    if (this.#isLeftOut(file)) return undefined;
    // It is a part of the package: where it is missing, that is what is wrong.
    if (this.isBundled) return this.#readOwn(file, signal);
    return readOptionalText(this.locate(file), signal, this.manifest?.[file]);
  }

  /** A JSON file of the folder; undefined where there is none. */
  async readJson(
    file: string,
    { signal }: ReadOptions = {},
  ): Promise<Record<string, unknown> | undefined> {
    const known = this.json[file];
    if (known) return known as Record<string, unknown>;
    if (this.#isLeftOut(file)) return undefined;
    return readOptional(this.locate(file), file, signal, this.manifest?.[file]);
  }

  /** Whether it comes with the package. */
  get isBundled(): boolean {
    return Object.keys(this.json).length > 0;
  }

  /** Of a bundled model all files are known; of another's manifest that names a JSON file, all that lie beside it. */
  #isLeftOut(file: string): boolean {
    if (!this.manifest || this.manifest[file]) return false;
    const isNamed = (other: string) =>
      other.endsWith('.json') && parentOf(other) === parentOf(file);
    return this.isBundled || Object.keys(this.manifest).some(isNamed);
  }

  async #readOwn(file: string, signal: AbortSignal | undefined): Promise<string> {
    const expected = this.manifest![file];
    return new TextDecoder().decode(await fetchFile(this.locate(file), { signal, expected }));
  }

  async #sizeOf(file: string, signal: AbortSignal | undefined): Promise<number | undefined> {
    if (this.manifest) return totalOf(this.manifest, file);
    if (!this.#probed.has(file)) {
      this.#probed.set(file, await probeFile(this.locate(file), signal));
    }
    return this.#probed.get(file);
  }

  async #open(file: string, isLarge: boolean, options: ReadOptions): Promise<ByteSource> {
    const given = { ...options, expected: this.manifest?.[file], revalidate: true };
    const url = this.locate(file);
    return isLarge ? openFile(url, given) : sourceOfBytes(await fetchFile(url, given));
  }

  #lacks(part: string, wanted: readonly Dtype[]): DiffusionError {
    const there = dtypes.filter((dtype) => this.manifest?.[weightsFile(part, dtype)]);
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

/** Beside the package's script, where no file is called .json; in Node beside the built package, or in the repository. */
function bundledFile(name: string, file: string): URL {
  const { shared } = bundledModels[name]!;
  const owner = shared?.files.includes(file) ? shared.from : name;
  const path = `models/${owner}/${file}`;
  const shipped = path.replace(/\.json$/, '.bin');
  if (!isNode) return assetUrl(shipped);
  const { existsSync } = process.getBuiltinModule('node:fs');
  const places = [`../${shipped}`, `../../${path}`].map((place) => new URL(place, import.meta.url));
  return places.find((place) => existsSync(place)) ?? places[0]!;
}

const parentOf = (file: string) => file.slice(0, file.lastIndexOf('/') + 1);

function filePath(url: URL): string {
  return process.getBuiltinModule('node:url').fileURLToPath(url);
}

function strayFile(file: string, path: string): DiffusionError {
  return new DiffusionError(
    'model-invalid',
    `${file} of the model names "${path}" as a file with its weights: it must lie in the same folder.`,
  );
}
