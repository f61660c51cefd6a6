import { DiffusionError, invalidOption } from '../errors.js';
import { scratch, sizeOf, stage, type Tensor } from '../kernels/arena.js';
import { kernels } from '../kernels/kernels.js';
import { linspace } from './noise-schedules.js';
import { Scheduler, type StepOptions, type StepOutput } from './scheduler.js';
import type { SchedulerConfig } from './scheduler-config.js';
import { sigmaSpacing } from './sigma-spacing.js';
import { checkStepCount } from './timestep-spacing.js';

/** What `setTimesteps` of a flow takes: a count, and `mu` where the shift is dynamic; or the sigmas themselves. */
export interface FlowTimesteps {
  readonly numInferenceSteps?: number;
  readonly timesteps?: readonly number[];
  readonly sigmas?: readonly number[];
  readonly mu?: number;
}

/**
 * Euler's method for rectified flow (Liu et al. 2022; Esser et al. 2024, arXiv:2403.03206): x = (1 - sigma) x_0 +
 * sigma epsilon, the model gives epsilon - x_0. `timesteps` are sigma times T, no whole numbers.
 */
export class FlowMatchEulerDiscreteScheduler extends Scheduler {
  sigmas: number[];
  readonly #smallest: number;
  readonly #largest: number;
  #index = -1;

  constructor(config: SchedulerConfig) {
    super(config);
    const { numTrainTimesteps, useDynamicShifting } = config;
    const train = linspace(1, numTrainTimesteps, numTrainTimesteps)
      .reverse()
      .map((t) => t / numTrainTimesteps);
    this.sigmas = useDynamicShifting ? train : train.map((sigma) => this.#shift(sigma));
    this.#largest = this.sigmas[0]!;
    this.#smallest = this.sigmas.at(-1)!;
  }

  override setTimesteps(steps: number | FlowTimesteps): void {
    const given = typeof steps === 'number' ? { numInferenceSteps: steps } : steps;
    const { numTrainTimesteps, useDynamicShifting, shiftTerminal, invertSigmas } = this.config;
    let sigmas = this.#unshifted(given);
    if (useDynamicShifting) {
      if (given.mu === undefined) {
        throw new DiffusionError(
          'invalid-option',
          'use_dynamic_shifting needs setTimesteps({ numInferenceSteps, mu }).',
        );
      }
      const { mu } = given;
      sigmas = sigmas.map((sigma) => this.#dynamicShift(mu, sigma));
    } else {
      sigmas = sigmas.map((sigma) => this.#shift(sigma));
    }
    if (shiftTerminal > 0) {
      const scale = (1 - sigmas.at(-1)!) / (1 - shiftTerminal);
      sigmas = sigmas.map((sigma) => 1 - (1 - sigma) / scale);
    }
    const spacing = sigmaSpacing(this.config);
    if (spacing) sigmas = spacing(sigmas.at(-1)!, sigmas[0]!, sigmas.length);
    if (invertSigmas) sigmas = sigmas.map((sigma) => 1 - sigma);
    this.timesteps =
      given.timesteps && !spacing
        ? [...given.timesteps]
        : sigmas.map((sigma) => sigma * numTrainTimesteps);
    this.sigmas = [...sigmas, invertSigmas ? 1 : 0];
    this.#index = -1;
  }

  override step(
    modelOutput: Tensor,
    timestep: number,
    sample: Tensor,
    options: StepOptions = {},
  ): StepOutput {
    const next = this.#index + 1;
    this.#index = this.timesteps[next] === timestep ? next : this.indexOf(timestep);
    const sigma = this.sigmas[this.#index]!;
    const target = this.sigmas[this.#index + 1]!;
    const { stochasticSampling } = this.config;
    const call = this.begin(modelOutput, sample, options);
    kernels().step(
      call.prev,
      call.original,
      call.sample,
      call.model,
      stochasticSampling ? this.noise(sample, options) : 0,
      call.items,
      call.length,
      call.stride,
      1,
      -sigma,
      Infinity,
      stochasticSampling ? 1 - target : 0,
      stochasticSampling ? 0 : 1,
      stochasticSampling ? 0 : target - sigma,
      target,
    );
    return this.finish(sample, options);
  }

  /** The straight path: sigma noise + (1 - sigma) original; diffusers calls it scale_noise. */
  override addNoise(original: Tensor, noise: Tensor, timestep: number): Tensor {
    const sigma = this.sigmas[this.indexOf(timestep)]!;
    const length = sizeOf(original.dims);
    const out = scratch(4, length);
    kernels().combine2(out.pointer, stage(3, noise), sigma, stage(1, original), 1 - sigma, length);
    return { data: out.data.slice(0, length), dims: original.dims };
  }

  #unshifted({ numInferenceSteps, timesteps, sigmas }: FlowTimesteps): number[] {
    const { numTrainTimesteps } = this.config;
    if (sigmas) return [...sigmas];
    if (timesteps) return timesteps.map((t) => t / numTrainTimesteps);
    const count = numInferenceSteps ?? NaN;
    checkStepCount(count, numTrainTimesteps);
    const [high, low] = [this.#largest, this.#smallest];
    return linspace(high * numTrainTimesteps, low * numTrainTimesteps, count).map(
      (t) => t / numTrainTimesteps,
    );
  }

  #shift(sigma: number): number {
    const { shift } = this.config;
    return (shift * sigma) / (1 + (shift - 1) * sigma);
  }

  #dynamicShift(mu: number, sigma: number): number {
    const { timeShiftType } = this.config;
    const odds = 1 / sigma - 1;
    switch (timeShiftType) {
      case 'exponential':
        return Math.exp(mu) / (Math.exp(mu) + odds);
      case 'linear':
        return mu / (mu + odds);
      default:
        throw invalidOption('time_shift_type', timeShiftType, 'exponential or linear');
    }
  }
}
