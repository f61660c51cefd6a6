import { scratch, sizeOf, stage, type Tensor } from '../kernels/arena.js';
import { kernels } from '../kernels/kernels.js';
import { dynamicShift, shiftSigma, stretchToTerminal, type FlowTimesteps } from './flow-sigmas.js';
import { linspace } from './noise-schedules.js';
import { FLOW_PREDICTION, originalFrom } from './prediction.js';
import { Scheduler, type Level, type StepOptions, type StepOutput } from './scheduler.js';
import type { SchedulerConfig } from './scheduler-config.js';
import { sigmaSpacing } from './sigma-spacing.js';
import { checkStepCount } from './timestep-spacing.js';

/**
 * Euler's method for rectified flow (Liu et al. 2022; Esser et al. 2024, arXiv:2403.03206): x = (1 - sigma) x_0 +
 * sigma epsilon, the model gives epsilon - x_0. `timesteps` are sigma times T, no whole numbers.
 */
export class FlowMatchEulerDiscreteScheduler extends Scheduler {
  sigmas: number[];
  readonly #smallest: number;
  readonly #largest: number;

  constructor(config: SchedulerConfig) {
    super(config);
    const { numTrainTimesteps, useDynamicShifting, shift } = config;
    const train = linspace(1, numTrainTimesteps, numTrainTimesteps)
      .reverse()
      .map((t) => t / numTrainTimesteps);
    this.sigmas = useDynamicShifting ? train : train.map((sigma) => shiftSigma(sigma, shift));
    this.#largest = this.sigmas[0]!;
    this.#smallest = this.sigmas.at(-1)!;
  }

  override setTimesteps(steps: number | FlowTimesteps): void {
    const given = typeof steps === 'number' ? { numInferenceSteps: steps } : steps;
    const { numTrainTimesteps, useDynamicShifting, shift, timeShiftType } = this.config;
    const { shiftTerminal, invertSigmas } = this.config;
    let sigmas = this.#unshifted(given).map((sigma) =>
      useDynamicShifting ? dynamicShift(sigma, timeShiftType, given.mu) : shiftSigma(sigma, shift),
    );
    sigmas = stretchToTerminal(sigmas, shiftTerminal);
    const spacing = sigmaSpacing(this.config);
    if (spacing) sigmas = spacing(sigmas.at(-1)!, sigmas[0]!, sigmas.length);
    if (invertSigmas) sigmas = sigmas.map((sigma) => 1 - sigma);
    this.timesteps = given.timesteps
      ? [...given.timesteps]
      : sigmas.map((sigma) => sigma * numTrainTimesteps);
    this.sigmas = [...sigmas, invertSigmas ? 1 : 0];
    this.beginAt(0);
  }

  override step(
    modelOutput: Tensor,
    timestep: number,
    sample: Tensor,
    options: StepOptions = {},
  ): StepOutput {
    const index = this.advance(timestep);
    const sigma = this.sigmas[index]!;
    const target = this.sigmas[index + 1]!;
    const { stochasticSampling } = this.config;
    const call = this.begin(modelOutput, sample, options);
    const prediction = originalFrom(FLOW_PREDICTION, 1 - sigma, sigma);
    if (stochasticSampling) {
      const mixture = { original: 1 - target, sample: 0, model: 0, deviation: target };
      this.mix(call, prediction, Infinity, mixture, this.noise(sample, options));
    } else {
      const mixture = { original: 0, sample: 1, model: target - sigma };
      this.mix(call, prediction, Infinity, mixture);
    }
    return this.finish(sample, options);
  }

  override levelAt(index: number): Level {
    const sigma = this.sigmas[index] ?? 0;
    return { alpha: 1 - sigma, sigma };
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
}
