import { DiffusionError, invalidOption, throwIfAborted } from '../errors.js';
import { DEFAULT_MODEL } from '../runtime/model-address.js';
import { checkDtype, type Dtype } from '../runtime/dtypes.js';
import type { LoadProgress } from '../runtime/progress.js';
import { checkBackend, type BackendChoice } from '../runtime/network.js';
import type { Backend } from '../runtime/session.js';
import { Components, type ComponentInfo } from './components.js';
import { classConditioning, textConditioning, type Conditioning } from './conditioning.js';
import { LatentPreview } from './latent-preview.js';
import { decodeLatents } from './latents.js';
import { readModelPlan, type ModelPlan } from './model-plan.js';
import { resolveOptions, type GenerateOptions, type ModelTraits, type Run } from './options.js';
import { outpaint } from './outpaint.js';
import { checkPictures, toPictures } from './pictures.js';
import { PromptEncoder } from './prompts.js';
import type { GenerateResult } from './result.js';
import { overlay } from './source-picture.js';
import { walkRun } from './walk-run.js';

export interface LoadOptions {
  /** `auto` (by default), `webgpu` or `wasm`. */
  readonly backend?: string;
  /** `fp32`, `fp16`, `q8`, `int8`, `q4` or `q4f16`; by default the best for the backend. */
  readonly dtype?: string;
  /**
   * `low` holds each of a model's networks only while it runs, which spares the memory of phones and costs time; `high` by
   * default.
   */
  readonly memory?: string;
  readonly onProgress?: (progress: LoadProgress) => void;
  readonly signal?: AbortSignal;
}

/** @throws DiffusionError `invalid-option` */
export function checkLoadOptions({ backend, dtype, memory = 'high' }: LoadOptions): {
  backend: BackendChoice;
  dtype: Dtype | undefined;
  memory: 'low' | 'high';
} {
  if (memory !== 'low' && memory !== 'high') throw invalidOption('memory', memory, 'low or high');
  return {
    backend: checkBackend(backend ?? 'auto'),
    dtype: dtype === undefined || dtype === null ? undefined : checkDtype(dtype),
    memory,
  };
}

/** A diffusion model and everything needed to draw with it; in pages, workers and Node. */
export class DiffusionPipeline {
  readonly #plan: ModelPlan;
  readonly #components: Components;
  readonly #prompts: PromptEncoder | undefined;
  #preview: Promise<LatentPreview> | undefined;
  #loadMilliseconds = 0;
  #disposed = false;

  private constructor(plan: ModelPlan, components: Components) {
    this.#plan = plan;
    this.#components = components;
    this.#prompts = plan.text && new PromptEncoder(plan, components);
  }

  /**
   * Loads a model's folder in diffusers' layout with ONNX files.
   *
   * @param model a bundled model's name, or the folder's URL, or in Node its path, or `hf:owner/name` for one on the Hugging
   *   Face Hub; Fashion-MNIST by default
   * @throws DiffusionError `model-not-found`, `model-invalid`, `unsupported-model`, `integrity-mismatch`,
   *   `network`, `invalid-option`; AbortError
   */
  static async fromPretrained(
    model: string | URL = DEFAULT_MODEL,
    options: LoadOptions = {},
  ): Promise<DiffusionPipeline> {
    const begin = performance.now();
    checkLoadOptions(options);
    const plan = await readModelPlan(model, options.signal);
    return DiffusionPipeline.load(plan, options, begin);
  }

  /** Loads a model whose description has been read. */
  static async load(
    plan: ModelPlan,
    options: LoadOptions = {},
    begin: number = performance.now(),
  ): Promise<DiffusionPipeline> {
    const { signal, onProgress } = options;
    const components = new Components(plan, checkLoadOptions(options));
    const pipeline = new DiffusionPipeline(plan, components);
    try {
      // What is wrong with a tokenizer is told before anything large is fetched.
      await pipeline.#prompts?.prepare(signal);
      await components.load(signal, onProgress);
    } catch (error) {
      void components.dispose();
      throw error;
    }
    pipeline.#loadMilliseconds = performance.now() - begin;
    return pipeline;
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
    return (await readModelPlan(model, signal)).traits;
  }

  /** The backend of the denoiser, which `auto` may change between runs. */
  get backend(): Backend {
    return this.#components.running?.backend ?? 'wasm';
  }

  /** Why that one, in one sentence. */
  get backendReason(): string {
    return this.#components.running?.reason ?? 'nothing is loaded yet';
  }

  /** Of the denoiser's weights. */
  get dtype(): Dtype {
    return this.#components.running?.dtype ?? 'fp32';
  }

  /** The model's networks: which are loaded, their types and backends. */
  get components(): readonly ComponentInfo[] {
    return this.#components.list;
  }

  /** Class names, in the order of their indices. */
  get labels(): readonly string[] {
    return this.#plan.traits.labels;
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
    const { traits } = this.#plan;
    const run = resolveOptions(options, traits);
    if (run.expansion) return outpaint(run, options, traits, (window) => this.generate(window));
    for (;;) {
      try {
        return await this.#draw(run, options);
      } catch (error) {
        const lost = error instanceof DiffusionError && error.code === 'device-lost';
        if (!lost || !(await this.#components.fallBack(error.message))) throw error;
      }
    }
  }

  /**
   * Runs the network once where that is a matter of milliseconds, as of distilled models: the first run is slower than all
   * after it.
   */
  async warmUp(signal?: AbortSignal): Promise<void> {
    if (this.#plan.traits.fewSteps) await this.generate({ steps: 1, seed: 0, signal });
  }

  /** Frees the networks; runs that are under way end with an error. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    await this.#components.dispose();
  }

  async #draw(run: Run, options: GenerateOptions): Promise<GenerateResult> {
    const begin = performance.now();
    const { signal } = options;
    const notices = [...run.notices];
    const conditioning = await this.#condition(run, notices, signal);
    const texting = performance.now() - begin;
    const words = run.wantsAttention ? await this.#prompts?.words(run.prompts!, signal) : undefined;
    const preview = options.onStep && (await this.#fitPreview(signal));
    const components = this.#components;
    const { autoencoder, denoiser } = this.#plan;
    const walked = await components.use(denoiser.part, signal, (session) =>
      walkRun({
        plan: this.#plan,
        components,
        session,
        run,
        options,
        conditioning,
        preview,
        words,
      }),
    );
    const { latents, attention, waited, timings } = walked;
    const decoding = performance.now();
    try {
      const decoded = autoencoder
        ? await components.use('vae_decoder', signal, (session) =>
            decodeLatents(session, latents, autoencoder, signal).then((pictures) => {
              checkPictures(pictures, session.backend);
              return pictures;
            }),
          )
        : latents;
      if (autoencoder && run.isOverlaid) overlay(decoded, run);
      const images = toPictures(decoded);
      if (decoded !== latents) decoded.release();
      const end = performance.now();
      const load = this.#loadMilliseconds;
      this.#loadMilliseconds = 0;
      return {
        images,
        seed: run.seeds.seed,
        notices,
        ...(attention && { attention }),
        backend: walked.backend,
        dtype: walked.dtype,
        timings: {
          load,
          text: texting,
          unet: timings.unet,
          kernels: decoding - begin - timings.unet - texting - waited,
          decode: end - decoding,
          total: end - begin,
          steps: timings.steps,
        },
      };
    } finally {
      latents.release();
    }
  }

  async #condition(run: Run, notices: string[], signal?: AbortSignal): Promise<Conditioning> {
    if (!this.#prompts) return classConditioning(this.#plan, run, run.count);
    return textConditioning(
      this.#plan,
      run,
      await this.#prompts.encode(run.prompts!, notices, signal),
    );
  }

  /** How latents are shown while they are denoised; undefined for a model in pixels. */
  async #fitPreview(signal?: AbortSignal): Promise<LatentPreview | undefined> {
    const { autoencoder, folder } = this.#plan;
    if (!autoencoder) return undefined;
    const known = folder.index.defaults?.latent_rgb_factors;
    if (known) return new LatentPreview(known);
    this.#preview ??= this.#components.use('vae_decoder', signal, (session) =>
      LatentPreview.fit(session, autoencoder, signal),
    );
    this.#preview.catch(() => (this.#preview = undefined));
    return this.#preview;
  }
}
