import { DiffusionError, invalidOption } from '../errors.js';
import type { ArenaTensor } from '../kernels/arena.js';
import { scratch, sizeOf, stage, type Tensor } from '../kernels/arena.js';
import { kernels } from '../kernels/kernels.js';
import type { Generator } from './generator.js';
import { History } from './history.js';
import { alphasCumprodOf } from './noise-schedules.js';
import type { Combination } from './prediction.js';
import type { SchedulerConfig } from './scheduler-config.js';
import { checkTimesteps, spacedTimesteps } from './timestep-spacing.js';

export interface StepOptions {
  /** Share of the noise put back at each step: 0 is deterministic, 1 is DDPM's (DDIM, eq. 16). */
  eta?: number;
  /** The Gaussian noise of this step, shaped like the sample. */
  noise?: Tensor;
  /** Draws the noise where none is given. */
  generator?: Generator;
  /** Where to put the results, in the kernels' memory; without it they are new tensors. */
  out?: { prevSample: ArenaTensor; predOriginalSample: ArenaTensor };
}

export interface StepOutput {
  /** x of the next lower timestep, shaped like the sample. */
  readonly prevSample: Tensor;
  /** The picture that the model expects at the end, shaped like the sample. */
  readonly predOriginalSample: Tensor;
}

// Staging slots of one call; the generator's own is 0.
const SAMPLE = 1;
const MODEL = 2;
const NOISE = 3;
const PREV = 4;
const ORIGINAL = 5;

/** A call of `step` in terms of the kernels: pointers, and how the batch is laid out. */
export interface StepCall {
  readonly sample: number;
  readonly model: number;
  /** The variance half of the model's output where it has one. */
  readonly variance: number;
  readonly prev: number;
  readonly original: number;
  readonly items: number;
  /** Values in one item of the sample, and from one item of the model's output to the next. */
  readonly length: number;
  readonly stride: number;
}

/** How the predicted original sample is kept in range: by clipping to [-limit, limit], or dynamically. */
export type Limit = number | 'dynamic';

/** x of the next timestep as a combination of x_0, x_t, the model's output and the noise. */
export interface Mixture {
  readonly original: number;
  readonly sample: number;
  readonly model: number;
  /** The noise's standard deviation; none by default. */
  readonly deviation?: number;
}

/** How much of the picture and of the noise is in x. */
export interface Level {
  readonly alpha: number;
  readonly sigma: number;
}

/**
 * What every scheduler shares: the noise schedule, the list of timesteps, and q(x_t | x_0).
 * A subclass computes the scalars of its formula and makes one kernel call a pass over the arrays.
 */
export abstract class Scheduler {
  /** The product of (1 - beta) up to each training timestep. */
  readonly alphasCumprod: Float64Array;
  /** The timesteps to visit, in that order; empty before `setTimesteps`. */
  timesteps: number[] = [];
  readonly #histories: History[] = [];
  #begin = 0;
  // Of the last step; timesteps may stand twice in the list.
  #index = -1;

  constructor(readonly config: SchedulerConfig) {
    this.alphasCumprod = alphasCumprodOf(config);
  }

  /** The standard deviation of the noise that sampling starts from. */
  get initNoiseSigma(): number {
    return 1;
  }

  /** Where in `timesteps` a walk begins: at 0, unless `skipSteps` moved it. */
  get beginIndex(): number {
    return this.#begin;
  }

  /** Model runs for one step of a walk, but for its first or last. */
  get order(): number {
    return 1;
  }

  /** The entry of `timesteps` where a step begins, 0 being the first of a whole walk; n where it ends. */
  entryOf(step: number): number {
    return Math.min(step * this.order, this.timesteps.length);
  }

  /** Chooses the timesteps: their number, from 1 to T, or the falling list itself. */
  setTimesteps(steps: number | { readonly timesteps: readonly number[] }): void {
    if (typeof steps === 'number') {
      this.timesteps = spacedTimesteps(this.config, steps);
    } else {
      checkTimesteps(steps.timesteps, this.config.numTrainTimesteps);
      this.timesteps = [...steps.timesteps];
    }
    this.beginAt(0);
  }

  /**
   * Leaves out the first steps, for a walk that starts from a picture noised to `timesteps[beginIndex]`
   * (SDEdit, Meng et al. 2021). Call it after `setTimesteps`.
   *
   * @param _isAgain whether x was there before, and is walked down once more
   */
  skipSteps(count: number, _isAgain = false): void {
    if (!Number.isInteger(count) || count < 0) {
      throw invalidOption('the number of steps to skip', count, 'a whole number, 0 or more');
    }
    this.beginAt(this.entryOf(count));
  }

  /**
   * The sample as the model wants it at this timestep: itself, unless the method works in sigmas; then
   * in `out`, or a new tensor.
   */
  scaleModelInput<T extends Tensor>(sample: T, _timestep: number, _out?: T): T | Tensor {
    return sample;
  }

  /**
   * One step back in time. `modelOutput` is shaped like `sample`, or has twice its channels where the model
   * learned its variance. Throws where `timestep` is not in the list.
   */
  abstract step(
    modelOutput: Tensor,
    timestep: number,
    sample: Tensor,
    options?: StepOptions,
  ): StepOutput;

  /** A sample of q(x_t | x_0) in closed form (DDPM, eq. 4). */
  addNoise(original: Tensor, noise: Tensor, timestep: number): Tensor {
    const alpha = this.#alphaCumprod(timestep);
    return this.combine(original, Math.sqrt(alpha), noise, Math.sqrt(1 - alpha));
  }

  /**
   * alpha and sigma of x = alpha x_0 + sigma epsilon before the step at entry `index` of `timesteps`; past the
   * last entry, of what the last step leads to.
   */
  levelAt(index: number): Level {
    const timestep = this.timesteps[index];
    if (timestep === undefined) return { alpha: 1, sigma: 0 };
    const alpha = this.#alphaCumprod(timestep);
    return { alpha: Math.sqrt(alpha), sigma: Math.sqrt(1 - alpha) };
  }

  /** v of sample and noise (Salimans and Ho 2022, section 4): what a v-predicting model learns. */
  getVelocity(sample: Tensor, noise: Tensor, timestep: number): Tensor {
    const alpha = this.#alphaCumprod(timestep);
    return this.combine(noise, Math.sqrt(alpha), sample, -Math.sqrt(1 - alpha));
  }

  /** Frees the kernels' memory now rather than when the scheduler is collected; it must not be used after. */
  release(): void {
    this.#histories.forEach((history) => history.release());
  }

  /** Arrays that a method keeps from step to step, for as long as the scheduler lives. */
  protected history(capacity: number): History {
    const history = new History(capacity);
    this.#histories.push(history);
    return history;
  }

  /** The next step is the one at this index, and no step was before it. */
  protected beginAt(index: number): void {
    this.#begin = index;
    this.#index = index - 1;
    this.restart();
  }

  /** Forgets what earlier steps left behind. */
  protected restart(): void {}

  /** The index that a step at this timestep has: the one after the last step's, or the first match. */
  protected nextIndex(timestep: number): number {
    const next = this.#index + 1;
    return this.timesteps[next] === timestep ? next : this.indexOf(timestep);
  }

  /** As `nextIndex`, and remembers it. */
  protected advance(timestep: number): number {
    return (this.#index = this.nextIndex(timestep));
  }

  /** The index of a timestep in the list; throws where it is not there. */
  protected indexOf(timestep: number): number {
    const index = this.timesteps.indexOf(timestep);
    if (index >= 0) return index;
    const list = this.timesteps.length > 0 ? this.timesteps.join(', ') : 'empty';
    throw new DiffusionError(
      'invalid-option',
      `Timestep ${timestep} is not in the scheduler's list (${list}): call setTimesteps first, ` +
        'then step at each of scheduler.timesteps in turn.',
    );
  }

  /** The configuration's limit for the predicted original sample: infinite where it sets none. */
  protected get limit(): Limit {
    const { thresholding, clipSample, clipSampleRange } = this.config;
    if (thresholding) return 'dynamic';
    return clipSample ? clipSampleRange : Infinity;
  }

  /** Puts the tensors where the kernels reach them. */
  protected begin(modelOutput: Tensor, sample: Tensor, options: StepOptions): StepCall {
    const total = sizeOf(sample.dims);
    const items = sample.dims[0] ?? 1;
    const length = total / items;
    const channels = sample.dims[1] ?? 1;
    const stride = modelOutput.data.length / items;
    if (sample.data.length !== total || (stride !== length && stride !== 2 * length)) {
      throw new DiffusionError(
        'invalid-option',
        `A model output of shape [${modelOutput.dims.join(', ')}] does not fit a sample of shape ` +
          `[${sample.dims.join(', ')}]: it needs ${channels} or ${2 * channels} channels.`,
      );
    }
    const { out } = options;
    const prev = out ? out.prevSample : scratch(PREV, total);
    const original = out ? out.predOriginalSample : scratch(ORIGINAL, total);
    const model = stage(MODEL, modelOutput);
    return {
      sample: stage(SAMPLE, sample),
      model,
      variance: stride > length ? model + 4 * length : 0,
      prev: prev.pointer,
      original: original.pointer,
      items,
      length,
      stride,
    };
  }

  /** Writes the predicted original sample, within its limit. */
  protected predict(call: StepCall, prediction: Combination, limit: Limit): void {
    const { original, sample, model, items, length, stride } = call;
    const { sample: ps, model: pm } = prediction;
    const bound = limit === 'dynamic' ? Infinity : limit;
    kernels().predictOriginal(original, sample, model, items, length, stride, ps, pm, bound);
    if (limit === 'dynamic') {
      const { dynamicThresholdingRatio, sampleMaxValue } = this.config;
      kernels().threshold(original, items, length, dynamicThresholdingRatio, sampleMaxValue);
    }
  }

  /** Writes the predicted original sample, and x of the next timestep: one pass where that can be. */
  protected mix(
    call: StepCall,
    prediction: Combination,
    limit: Limit,
    mixture: Mixture,
    noise = 0,
  ): void {
    const { prev, original, sample, model, items, length, stride } = call;
    const { deviation = 0 } = mixture;
    const k = kernels();
    if (limit !== 'dynamic') {
      const { sample: ps, model: pm } = prediction;
      const { original: a, sample: b, model: c } = mixture;
      k.step(
        prev,
        original,
        sample,
        model,
        noise,
        items,
        length,
        stride,
        ps,
        pm,
        limit,
        a,
        b,
        c,
        deviation,
      );
      return;
    }
    const size = items * length;
    this.predict(call, prediction, limit);
    k.combine2(prev, original, mixture.original, sample, mixture.sample, size);
    k.predictOriginal(prev, prev, model, items, length, stride, 1, mixture.model, Infinity);
    if (noise) k.combine2(prev, prev, 1, noise, deviation, size);
  }

  /** A pointer to the step's noise: what was given, or what the generator draws. */
  protected noise(sample: Tensor, { noise, generator }: StepOptions): number {
    if (noise) return stage(NOISE, noise);
    if (generator) {
      const length = sizeOf(sample.dims);
      const drawn = scratch(NOISE, length);
      generator.fill(drawn.length === length ? drawn : drawn.prefix(sample.dims));
      return drawn.pointer;
    }
    throw new DiffusionError(
      'invalid-option',
      'This step needs noise: pass step(…, { generator: new TorchGenerator(seed) }), or { noise }.',
    );
  }

  /** The step's results: where the caller wanted them, or copies of the scratch tensors. */
  protected finish(sample: Tensor, { out }: StepOptions): StepOutput {
    if (out) return out;
    const { dims } = sample;
    const length = sizeOf(dims);
    return {
      prevSample: { data: scratch(PREV, length).data.slice(0, length), dims },
      predOriginalSample: { data: scratch(ORIGINAL, length).data.slice(0, length), dims },
    };
  }

  #alphaCumprod(timestep: number): number {
    const alpha = this.alphasCumprod[timestep];
    if (alpha !== undefined) return alpha;
    throw new DiffusionError(
      'invalid-option',
      `Timestep ${timestep} is not a whole number from 0 to ${this.alphasCumprod.length - 1}.`,
    );
  }

  /** a x + b y, as a new tensor. */
  protected combine(x: Tensor, a: number, y: Tensor, b: number): Tensor {
    const length = sizeOf(x.dims);
    const out = scratch(PREV, length);
    kernels().combine2(out.pointer, stage(SAMPLE, x), a, stage(NOISE, y), b, length);
    return { data: out.data.slice(0, length), dims: x.dims };
  }
}
