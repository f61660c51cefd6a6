import { invalidOption } from '../errors.js';
import { kernels } from '../kernels/kernels.js';
import type { Tensor } from '../kernels/arena.js';
import { shiftSigma, type FlowTimesteps } from './flow-sigmas.js';
import { linspace } from './noise-schedules.js';
import { epsilonFrom, originalFrom } from './prediction.js';
import { Scheduler, type Level, type StepCall } from './scheduler.js';
import type { SchedulerConfig } from './scheduler-config.js';
import {
  interpolate,
  sigmaSpacing,
  timestepOf,
  trainSigmasOf,
  type SigmaSpacing,
} from './sigma-spacing.js';
import { checkStepCount, roundHalfToEven, spacedTimesteps } from './timestep-spacing.js';

/** One point of the path: x = alpha x_0 + sigma epsilon, and lambda = log(alpha / sigma). */
export interface Point {
  readonly alpha: number;
  readonly sigma: number;
  readonly lambda: number;
}

function point(alpha: number, sigma: number): Point {
  return { alpha, sigma, lambda: Math.log(alpha) - Math.log(sigma) };
}

/** The variance-preserving point with this ratio of noise to signal. */
function preservingPoint(sigmaOverAlpha: number): Point {
  const alpha = 1 / Math.sqrt(sigmaOverAlpha ** 2 + 1);
  return point(alpha, sigmaOverAlpha * alpha);
}

/**
 * What the exponential integrators share (Lu et al. 2022, "DPM-Solver"; Zhang and Chen 2022, "DEIS"; Zhao et
 * al. 2023, "UniPC"): n + 1 points of which n are visited. A sigma is sigma / alpha, or on a flow's straight
 * path (`use_flow_sigmas`) sigma itself, with alpha = 1 - sigma.
 */
export abstract class SolverScheduler extends Scheduler {
  /** The sigmas of the timesteps, and of the end. */
  sigmas: number[] = [];
  protected readonly trainSigmas: number[];

  constructor(config: SchedulerConfig) {
    super(config);
    this.trainSigmas = trainSigmasOf(this);
  }

  override setTimesteps(steps: number | FlowTimesteps): void {
    const given = typeof steps === 'number' ? { numInferenceSteps: steps } : steps;
    const { useFlowSigmas, numTrainTimesteps } = this.config;
    if (given.timesteps) super.setTimesteps({ timesteps: given.timesteps });
    else this.timesteps = this.visited(given.numInferenceSteps ?? given.sigmas?.length ?? NaN);
    const count = this.timesteps.length;
    const { spacing } = this;
    let sigmas: number[];
    if (spacing) {
      sigmas = this.respaced(spacing, count);
      this.timesteps = sigmas.map((sigma) => this.#wholeTimestep(sigma));
    } else if (useFlowSigmas) {
      sigmas = this.flowSigmas(given, count);
      this.timesteps = sigmas.map((sigma) => Math.floor(sigma * numTrainTimesteps));
    } else {
      sigmas = this.timesteps.map((t) => interpolate(this.trainSigmas, t));
    }
    const smallest = spacing || useFlowSigmas ? sigmas.at(-1)! : this.trainSigmas[0]!;
    this.sigmas = [...sigmas, this.finalSigma(smallest)];
    this.beginAt(0);
  }

  override levelAt(index: number): Level {
    return this.point(index);
  }

  override addNoise(original: Tensor, noise: Tensor, timestep: number): Tensor {
    const index = this.timesteps.indexOf(timestep);
    if (index < 0) return super.addNoise(original, noise, timestep);
    const { alpha, sigma } = this.point(index);
    return this.combine(original, alpha, noise, sigma);
  }

  /** Whether the predicted x_0 is thresholded. */
  protected get thresholding(): boolean {
    return this.config.thresholding;
  }

  /** How the configuration respaces the sigmas, if it does. */
  protected get spacing(): SigmaSpacing | undefined {
    return sigmaSpacing(this.config);
  }

  /** Whether respaced timesteps are rounded; else what is behind the point is cut off. */
  protected get roundsTimesteps(): boolean {
    return this.config.useKarrasSigmas;
  }

  protected respaced(spacing: SigmaSpacing, count: number): number[] {
    const { sigmaMin, sigmaMax } = this.config;
    return spacing(sigmaMin || this.trainSigmas[0]!, sigmaMax || this.trainSigmas.at(-1)!, count);
  }

  /** Sigmas of a straight path, from 1 - 1/T down. */
  protected flowSigmas({ mu }: FlowTimesteps, count: number): number[] {
    const { numTrainTimesteps, flowShift, useDynamicShifting, timeShiftType } = this.config;
    if (mu !== undefined && !(useDynamicShifting && timeShiftType === 'exponential')) {
      throw invalidOption('mu', mu, 'left out without use_dynamic_shifting of exponential type');
    }
    const shift = mu === undefined ? flowShift : Math.exp(mu);
    return linspace(1, 1 / numTrainTimesteps, count + 1)
      .map((alpha) => shiftSigma(1 - alpha, shift))
      .slice(1)
      .reverse();
  }

  /** The sigma that the last step leads to; `smallest` is the last one that is visited, or of the schedule. */
  protected finalSigma(_smallest: number): number {
    const { finalSigmasType } = this.config;
    if (finalSigmasType === 'zero') return 0;
    if (finalSigmasType === 'sigma_min') return this.trainSigmas[0]!;
    throw invalidOption('final_sigmas_type', finalSigmasType, 'zero or sigma_min');
  }

  /** The point that number `index` of the sigmas describes. */
  protected point(index: number): Point {
    const sigma = this.sigmas[index]!;
    return this.config.useFlowSigmas ? point(1 - sigma, sigma) : preservingPoint(sigma);
  }

  /** Writes the predicted x_0 into the call's `original`, and either it or the noise into `output`. */
  protected convert(call: StepCall, index: number, output: number, kind: 'x0' | 'epsilon'): void {
    const { predictionType } = this.config;
    const { thresholding } = this;
    const { alpha, sigma } = this.point(index);
    const k = kernels();
    const { original, sample, model, items, length, stride } = call;
    const size = items * length;
    const limit = thresholding ? 'dynamic' : Infinity;
    this.predict(call, originalFrom(predictionType, alpha, sigma), limit);
    if (kind === 'x0') {
      k.combine2(output, original, 1, original, 0, size);
    } else if (thresholding) {
      k.combine2(output, sample, 1 / sigma, original, -alpha / sigma, size);
    } else {
      const { sample: s, model: m } = epsilonFrom(predictionType, alpha, sigma);
      k.predictOriginal(output, sample, model, items, length, stride, s, m, Infinity);
    }
  }

  /** The timesteps that so many steps visit, before any respacing; the end is one more point. */
  protected visited(steps: number): number[] {
    const { numTrainTimesteps, timestepSpacing, stepsOffset } = this.config;
    checkStepCount(steps, numTrainTimesteps);
    const last = this.lastTimestep;
    switch (timestepSpacing) {
      case 'linspace':
        return linspace(0, last - 1, steps + 1)
          .map(roundHalfToEven)
          .slice(1)
          .reverse();
      case 'leading': {
        const ratio = Math.floor(last / (steps + 1));
        return Array.from({ length: steps }, (_, i) => (steps - i) * ratio + stepsOffset);
      }
      default: {
        const skipped = numTrainTimesteps - last;
        return spacedTimesteps(this.config, steps)
          .map((t) => t - skipped)
          .filter((t) => t >= 0);
      }
    }
  }

  /** T less the timesteps so noisy that their lambda lies below `lambda_min_clipped`. */
  protected get lastTimestep(): number {
    const { lambdaMinClipped, numTrainTimesteps } = this.config;
    const clipped = this.trainSigmas.filter((sigma) => -Math.log(sigma) < lambdaMinClipped).length;
    return numTrainTimesteps - clipped;
  }

  #wholeTimestep(sigma: number): number {
    const { useFlowSigmas, numTrainTimesteps } = this.config;
    if (useFlowSigmas) return Math.floor(sigma * numTrainTimesteps);
    const timestep = timestepOf(sigma, this.trainSigmas);
    return this.roundsTimesteps ? roundHalfToEven(timestep) : Math.floor(Math.fround(timestep));
  }
}
