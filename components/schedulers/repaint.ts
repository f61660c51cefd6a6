import { DiffusionError, invalidOption } from '../errors.js';
import { scratch, sizeOf, stage, type ArenaTensor, type Tensor } from '../kernels/arena.js';
import { kernels } from '../kernels/kernels.js';
import type { Generator } from './generator.js';
import { betasOf } from './noise-schedules.js';
import { ddimDeviation, ddimMixture } from './ddim-mixture.js';
import { epsilonFrom, originalFrom } from './prediction.js';
import { resamplingWalk } from './resampling.js';
import { Scheduler, type StepOptions, type StepOutput } from './scheduler.js';
import { checkStepCount } from './timestep-spacing.js';

/** Where RePaint's noise comes from: the tensor itself, a function that returns the next one, or a generator. */
export type NoiseSource = Tensor | (() => Tensor) | Generator;

export interface RePaintOptions extends Omit<StepOptions, 'noise'> {
  readonly noise?: NoiseSource;
}

type Drawing = Pick<RePaintOptions, 'noise' | 'generator'>;

export interface UndoOptions extends Drawing {
  /** Where to put the result, in the kernels' memory. */
  readonly out?: ArenaTensor;
}

const KNOWN = 8;
const MASK = 9;
const UNDONE = 10;

/**
 * "RePaint" (Lugmayr et al. 2022, arXiv:2201.09865, algorithm 1): DDIM or, with `eta` 1, DDPM steps whose known part
 * is replaced by the noised original, on a list of timesteps that goes back up to harmonize the two.
 */
export class RePaintScheduler extends Scheduler {
  #stride = 0;
  readonly #betas = betasOf(this.config);

  /**
   * @param steps timesteps on the way down, at most T
   * @param jumpLength timesteps of one way back up, 1 or more
   * @param jumpNSample how often each stretch is walked, 1 or more; 1 never goes back
   */
  override setTimesteps(
    steps: number | { readonly timesteps: readonly number[] },
    jumpLength = 10,
    jumpNSample = 10,
  ): void {
    if (typeof steps !== 'number') {
      throw invalidOption('timesteps', `[${steps.timesteps.join(', ')}]`, 'a count for RePaint');
    }
    const { numTrainTimesteps } = this.config;
    checkStepCount(steps, numTrainTimesteps);
    this.#stride = Math.floor(numTrainTimesteps / steps);
    this.timesteps = resamplingWalk(steps, jumpLength, jumpNSample).map((t) => t * this.#stride);
    this.beginAt(0);
  }

  /**
   * @param originalImage the picture in [-1, 1], shaped like the sample
   * @param mask 1 where the picture is known, 0 where it is to be drawn; shaped like the sample, or with one
   *   item or one channel for all
   */
  override step(
    modelOutput: Tensor,
    timestep: number,
    sample: Tensor,
    originalImage?: Tensor | StepOptions,
    mask?: Tensor,
    options: RePaintOptions = {},
  ): StepOutput {
    this.indexOf(timestep);
    const { predictionType, eta } = this.config;
    if (!originalImage || !('data' in originalImage) || !mask) {
      throw new DiffusionError(
        'invalid-option',
        'RePaint steps with the picture and its mask: step(modelOutput, timestep, sample, originalImage, mask).',
      );
    }
    const alphaCumprod = this.alphasCumprod[timestep]!;
    const previous = timestep - this.#stride;
    const previousCumprod = previous >= 0 ? this.alphasCumprod[previous]! : 1;
    const deviation = ddimDeviation(alphaCumprod, previousCumprod, eta);

    const alpha = Math.sqrt(alphaCumprod);
    const sigma = Math.sqrt(1 - alphaCumprod);
    const prediction = originalFrom(predictionType, alpha, sigma);
    const epsilon = { original: 0, ...epsilonFrom(predictionType, alpha, sigma) };
    const noise = this.#draw(sample, options);
    const call = this.begin(modelOutput, sample, { out: options.out });
    const mixture = ddimMixture(previousCumprod, deviation, epsilon);
    const noisy = timestep > 0 && deviation > 0;
    this.mix(call, prediction, this.limit, mixture, noisy ? noise : 0);
    kernels().blend(
      call.prev,
      stage(KNOWN, spread(originalImage, sample.dims)),
      Math.sqrt(previousCumprod),
      noise,
      Math.sqrt(1 - previousCumprod),
      stage(MASK, spread(mask, sample.dims)),
      call.items * call.length,
    );
    return this.finish(sample, { out: options.out });
  }

  /**
   * Back up from `timestep` to the next higher one of the list: a sample of q(x_{t + stride} | x_t), in `out` or a new
   * tensor. `out` may be the sample itself.
   */
  undoStep(sample: Tensor, timestep: number, options: UndoOptions = {}): Tensor {
    this.indexOf(timestep);
    const length = sizeOf(sample.dims);
    const { out } = options;
    const undone = out ?? scratch(UNDONE, length);
    let from = stage(KNOWN, sample);
    for (let i = 0; i < this.#stride; i++) {
      const beta = this.#betas[timestep + i]!;
      const noise = this.#draw(sample, options);
      kernels().combine2(undone.pointer, from, Math.sqrt(1 - beta), noise, Math.sqrt(beta), length);
      from = undone.pointer;
    }
    return out ?? { data: undone.data.slice(0, length), dims: sample.dims };
  }

  #draw(sample: Tensor, { noise, generator }: Drawing): number {
    if (typeof noise === 'function') return this.noise(sample, { noise: noise() });
    if (noise && 'fill' in noise) return this.noise(sample, { generator: noise });
    return this.noise(sample, { noise, generator });
  }
}

/** A tensor repeated along its items and channels until it has these dims. */
function spread(tensor: Tensor, dims: readonly number[]): Tensor {
  const total = sizeOf(dims);
  if (tensor.data.length === total) return tensor;
  const [items = 1, channels = 1, ...area] = dims;
  const size = sizeOf(area);
  const [givenItems = 1, givenChannels = 1, ...givenArea] = tensor.dims;
  const fits =
    sizeOf(givenArea) === size &&
    (givenItems === 1 || givenItems === items) &&
    (givenChannels === 1 || givenChannels === channels);
  if (!fits) {
    throw invalidOption(
      'a mask or picture',
      `[${tensor.dims.join(', ')}]`,
      `of shape [${dims.join(', ')}]`,
    );
  }
  const data = new Float32Array(total);
  for (let item = 0; item < items; item++) {
    for (let channel = 0; channel < channels; channel++) {
      const from = ((item % givenItems) * givenChannels + (channel % givenChannels)) * size;
      data.set(tensor.data.subarray(from, from + size), (item * channels + channel) * size);
    }
  }
  return { data, dims };
}
