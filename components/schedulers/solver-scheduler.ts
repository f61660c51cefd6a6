import { invalidOption } from '../errors.js';
import { kernels } from '../kernels/kernels.js';
import { linspace } from './noise-schedules.js';
import { epsilonFrom, originalFrom } from './prediction.js';
import { Scheduler, type StepCall } from './scheduler.js';
import type { SchedulerConfig } from './scheduler-config.js';
import { interpolate, sigmaOf, sigmaSpacing, timestepOf } from './sigma-spacing.js';
import { checkStepCount, roundHalfToEven, spacedTimesteps } from './timestep-spacing.js';

/** One point of the path: x = alpha x_0 + sigma epsilon, and lambda = log(alpha / sigma). */
export interface Point {
  readonly alpha: number;
  readonly sigma: number;
  readonly lambda: number;
}

/** The variance-preserving point with this ratio of noise to signal. */
export function pointAt(sigmaOverAlpha: number): Point {
  const alpha = 1 / Math.sqrt(sigmaOverAlpha ** 2 + 1);
  const sigma = sigmaOverAlpha * alpha;
  return { alpha, sigma, lambda: Math.log(alpha) - Math.log(sigma) };
}

/**
 * What the exponential integrators share (Lu et al. 2022, "DPM-Solver"; Zhang and Chen 2022, "DEIS"; Zhao et
 * al. 2023, "UniPC"): n + 1 points of which n are visited, ratios sigma / alpha, and half log-SNR lambda.
 */
export abstract class SolverScheduler extends Scheduler {
  /** sigma / alpha of the timesteps, and of the end. */
  sigmas: number[] = [];
  protected readonly trainSigmas: number[];
  #index = -1;

  constructor(config: SchedulerConfig) {
    super(config);
    this.trainSigmas = Array.from(this.alphasCumprod, sigmaOf);
  }

  override setTimesteps(steps: number | { readonly timesteps: readonly number[] }): void {
    if (typeof steps === 'number') this.timesteps = this.#visited(steps);
    else super.setTimesteps(steps);
    const count = this.timesteps.length;
    const spacing = sigmaSpacing(this.config);
    let sigmas: number[];
    if (spacing) {
      sigmas = spacing(this.trainSigmas[0]!, this.trainSigmas.at(-1)!, count);
      this.timesteps = sigmas.map((sigma) => this.#wholeTimestep(sigma));
    } else {
      sigmas = this.timesteps.map((t) => interpolate(this.trainSigmas, t));
    }
    this.sigmas = [...sigmas, this.#finalSigma()];
    this.#index = -1;
    this.restart();
  }

  /** Forgets what earlier steps left behind. */
  protected abstract restart(): void;

  /** The index that a step at this timestep has: the one after the last step's, or the first match. */
  protected advance(timestep: number): number {
    const next = this.#index + 1;
    this.#index = this.timesteps[next] === timestep ? next : this.indexOf(timestep);
    return this.#index;
  }

  /** The point that number `index` of the sigmas describes. */
  protected point(index: number): Point {
    return pointAt(this.sigmas[index]!);
  }

  /** Writes the predicted x_0 into the call's `original`, and either it or the noise into `output`. */
  protected convert(call: StepCall, index: number, output: number, kind: 'x0' | 'epsilon'): void {
    const { predictionType } = this.config;
    const alphaCumprod = 1 / (this.sigmas[index]! ** 2 + 1);
    const x0 = originalFrom(predictionType, alphaCumprod);
    const k = kernels();
    const { original, sample, model, items, length, stride } = call;
    const layout = [items, length, stride] as const;
    k.predictOriginal(original, sample, model, ...layout, x0.sample, x0.model, Infinity);
    if (kind === 'x0') {
      k.combine2(output, original, 1, original, 0, items * length);
    } else {
      const epsilon = epsilonFrom(predictionType, alphaCumprod);
      k.predictOriginal(output, sample, model, ...layout, epsilon.sample, epsilon.model, Infinity);
    }
  }

  #visited(steps: number): number[] {
    const { numTrainTimesteps, timestepSpacing, stepsOffset } = this.config;
    checkStepCount(steps, numTrainTimesteps);
    switch (timestepSpacing) {
      case 'linspace':
        return linspace(0, numTrainTimesteps - 1, steps + 1)
          .map(roundHalfToEven)
          .slice(1)
          .reverse();
      case 'leading': {
        const ratio = Math.floor(numTrainTimesteps / (steps + 1));
        return Array.from({ length: steps }, (_, i) => (steps - i) * ratio + stepsOffset);
      }
      default:
        return spacedTimesteps(this.config, steps);
    }
  }

  // diffusers rounds Karras's timesteps, but for the cosine schedule, and cuts the others off.
  #wholeTimestep(sigma: number): number {
    const timestep = timestepOf(sigma, this.trainSigmas);
    const { useKarrasSigmas, betaSchedule } = this.config;
    const rounds = useKarrasSigmas && betaSchedule !== 'squaredcos_cap_v2';
    return rounds ? roundHalfToEven(timestep) : Math.floor(Math.fround(timestep));
  }

  #finalSigma(): number {
    const { finalSigmasType } = this.config;
    if (finalSigmasType === 'zero') return 0;
    if (finalSigmasType === 'sigma_min') return this.trainSigmas[0]!;
    throw invalidOption('final_sigmas_type', finalSigmasType, 'zero or sigma_min');
  }
}
