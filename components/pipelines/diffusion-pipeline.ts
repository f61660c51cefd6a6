import { abortable, DiffusionError, throwIfAborted } from '../errors.js';
import { ArenaTensor } from '../kernels/arena.js';
import { checkDtype, type Dtype, type LoadProgress } from '../runtime/model-folder.js';
import { DEFAULT_MODEL } from '../runtime/model-address.js';
import { checkBackend, Network, type BackendChoice } from '../runtime/network.js';
import type { Backend, Session } from '../runtime/session.js';
import { TorchGenerator } from '../schedulers/generator.js';
import { RePaintScheduler } from '../schedulers/repaint.js';
import { ClassifierGuidance } from './classifier-guidance.js';
import type { DenoiseStep } from './denoise.js';
import { initialize } from './initial-sample.js';
import { openModel, type OpenModel } from './open-model.js';
import {
  resolveOptions,
  type GenerateOptions,
  type ModelTraits,
  type PreviewKind,
  type Run,
  type StepInfo,
} from './options.js';
import { outpaint } from './outpaint.js';
import { conditionedUNet, noiseBetween, schedulerFor } from './prepare.js';
import type { GenerateResult } from './result.js';
import { toPictures } from './pictures.js';
import { SourcePicture } from './source-picture.js';
import type { ConditionedUNet } from './unet.js';
import { planSteps, skippedSteps, walk } from './walk.js';

export interface LoadOptions {
  /** `auto` (by default), `webgpu` or `wasm`. */
  readonly backend?: string;
  /** `fp32`, `fp16`, `q8`, `int8`, `q4` or `q4f16`; by default the best for the backend. */
  readonly dtype?: string;
  readonly onProgress?: (progress: LoadProgress) => void;
  readonly signal?: AbortSignal;
}

/** @throws DiffusionError `invalid-option` */
export function checkLoadOptions({ backend, dtype }: LoadOptions): {
  backend: BackendChoice;
  dtype: Dtype | undefined;
} {
  return {
    backend: checkBackend(backend ?? 'auto'),
    dtype: dtype === undefined || dtype === null ? undefined : checkDtype(dtype),
  };
}

/** The most rows of a run that the backends are compared with. */
const MEASURED_ROWS = 8;

/** A diffusion model and everything needed to draw with it; in pages, workers and Node. */
export class DiffusionPipeline {
  readonly #model: OpenModel;
  readonly #unet: Network;
  #classifier: Promise<Network> | undefined;
  #loadMilliseconds: number;
  #disposed = false;

  private constructor(model: OpenModel, unet: Network, loadMilliseconds: number) {
    this.#model = model;
    this.#unet = unet;
    this.#loadMilliseconds = loadMilliseconds;
  }

  /**
   * Loads a model's folder in diffusers' layout with ONNX files.
   *
   * @param model a bundled model's name, or the folder's URL, or in Node its path; Fashion-MNIST by default
   * @throws DiffusionError `model-not-found`, `model-invalid`, `unsupported-model`, `integrity-mismatch`,
   *   `network`, `invalid-option`; AbortError
   */
  static async fromPretrained(
    model: string | URL = DEFAULT_MODEL,
    options: LoadOptions = {},
  ): Promise<DiffusionPipeline> {
    const start = performance.now();
    checkLoadOptions(options);
    const opened = await openModel(model, options.signal);
    return DiffusionPipeline.load(opened, options, start);
  }

  /** Loads a model whose description has been read. */
  static async load(
    opened: OpenModel,
    options: LoadOptions = {},
    start: number = performance.now(),
  ): Promise<DiffusionPipeline> {
    const { signal, onProgress } = options;
    const { backend, dtype } = checkLoadOptions(options);
    const { folder } = opened;
    const unet = await Network.load(folder, 'unet', { backend, dtype, signal, onProgress });
    return new DiffusionPipeline(opened, unet, performance.now() - start);
  }

  /**
   * What a model says of itself: class names and defaults, without its weights.
   *
   * @throws as `fromPretrained` does
   */
  static async describe(
    model: string | URL = DEFAULT_MODEL,
    { signal }: Pick<LoadOptions, 'signal'> = {},
  ): Promise<ModelTraits> {
    return (await openModel(model, signal)).traits;
  }

  /** The backend in use, which `auto` may change between runs. */
  get backend(): Backend {
    return this.#unet.session.backend;
  }

  /** Why that one, in one sentence. */
  get backendReason(): string {
    return this.#unet.reason;
  }

  get dtype(): Dtype {
    return this.#unet.session.dtype;
  }

  /** Class names, in the order of their indices. */
  get labels(): readonly string[] {
    return this.#model.traits.labels;
  }

  /**
   * Draws pictures. The same seed, options, `dtype` and backend give the same bytes.
   *
   * @throws DiffusionError `invalid-option`, `out-of-memory`, `device-lost`; AbortError
   */
  async generate(options: GenerateOptions = {}): Promise<GenerateResult> {
    if (this.#disposed) {
      throw new DiffusionError('invalid-option', 'This pipeline was disposed of: load it again.');
    }
    throwIfAborted(options.signal);
    const { traits } = this.#model;
    const run = resolveOptions(options, traits);
    if (run.expansion) return outpaint(run, options, traits, (window) => this.generate(window));
    for (;;) {
      const { session } = this.#unet;
      try {
        return await this.#draw(run, session, options);
      } catch (error) {
        const lost = error instanceof DiffusionError && error.code === 'device-lost';
        if (!lost || !(await this.#unet.fallBack(session, error.message))) throw error;
        this.#dropClassifier();
      }
    }
  }

  /** Frees the network; runs that are under way end with an error. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#dropClassifier();
    await this.#unet.dispose();
  }

  /** The classifier's session, on the backend of the U-Net; loaded when a run first needs it. */
  async #loadClassifier(signal: AbortSignal | undefined): Promise<Session> {
    if (!this.#classifier) {
      const loading = Network.load(this.#model.folder, 'classifier', { backend: this.backend });
      this.#classifier = loading;
      loading.catch(() => (this.#classifier = undefined));
    }
    return (await abortable(this.#classifier, signal)).session;
  }

  #dropClassifier(): void {
    void this.#classifier?.then((network) => network.dispose()).catch(() => undefined);
    this.#classifier = undefined;
  }

  async #draw(run: Run, session: Session, options: GenerateOptions): Promise<GenerateResult> {
    const start = performance.now();
    const { signal, onStep } = options;
    const dims = [run.count, ...this.#model.shape];
    const scheduler = await schedulerFor(this.#model, run);
    planSteps(scheduler, run);
    const classifier =
      run.classifierScale > 0
        ? new ClassifierGuidance({
            session: await this.#loadClassifier(signal),
            scale: run.classifierScale,
            classes: run.classes!.map(([share]) => share!.index),
            scheduler,
          })
        : undefined;
    const unet = conditionedUNet(this.#model, run, session, { dims, classifier });
    const generator = new TorchGenerator(run.seed);
    const sample = new ArenaTensor(dims);
    let source: SourcePicture | undefined;
    let waited = 0;
    try {
      source = run.pictures && new SourcePicture(dims, run.pictures, run.mask);
      const noise = run.interpolation
        ? await noiseBetween(
            this.#model,
            { ...run, interpolation: run.interpolation },
            session,
            signal,
          )
        : options.initialNoise;
      const picture = scheduler instanceof RePaintScheduler ? undefined : source?.picture;
      const skipped = skippedSteps(run);
      initialize({ sample, scheduler, generator, noise, picture, skipped });
      const steps = walk({ run, unet, scheduler, sample, generator, source, signal });
      for await (const state of steps) {
        const since = performance.now();
        await onStep?.(stepInfo(state));
        waited += performance.now() - since;
      }
      const decoding = performance.now();
      const images = toPictures(sample);
      const end = performance.now();
      const load = this.#loadMilliseconds;
      this.#loadMilliseconds = 0;
      void this.#unet.compare(() => copyFeeds(unet.feeds));
      return {
        images,
        seed: run.seed,
        backend: session.backend,
        dtype: session.dtype,
        timings: {
          load,
          unet: unet.milliseconds,
          kernels: decoding - start - unet.milliseconds - waited,
          decode: end - decoding,
          total: end - start,
          steps: unet.runs,
        },
      };
    } finally {
      source?.release();
      sample.release();
      generator.release();
      scheduler.release();
      unet.release();
    }
  }
}

function stepInfo({ step, steps, timestep, ...state }: DenoiseStep): StepInfo {
  const tensors: Record<PreviewKind, () => ArenaTensor> = {
    sample: () => state.sample,
    x0: () => state.predOriginalSample,
    noise: () => state.predNoise(),
  };
  return { step, steps, timestep, preview: (kind = 'sample') => toPictures(tensors[kind]()) };
}

/** A run's inputs outlive its buffers only as copies; of the first few rows, for devices emulated in software. */
function copyFeeds(feeds: ConditionedUNet['feeds']): ConditionedUNet['feeds'] {
  return Object.fromEntries(
    Object.entries(feeds).map(
      ([
        name,
        {
          data,
          dims: [all, ...rest],
        },
      ]) => {
        const rows = Math.min(all!, MEASURED_ROWS);
        return [name, { data: data.slice(0, (rows * data.length) / all!), dims: [rows, ...rest] }];
      },
    ),
  );
}
