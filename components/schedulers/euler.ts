import { invalidOption } from '../errors.js';
import type { Tensor } from '../kernels/arena.js';
import { linspace } from './noise-schedules.js';
import type { StepOptions, StepOutput } from './scheduler.js';
import { SigmaScheduler } from './sigma-scheduler.js';

/** Euler's method (Karras et al. 2022, algorithm 2 with S_churn = 0). */
export class EulerDiscreteScheduler extends SigmaScheduler {
  override step(
    modelOutput: Tensor,
    timestep: number,
    sample: Tensor,
    options: StepOptions = {},
  ): StepOutput {
    const index = this.advance(timestep);
    const sigma = this.sigmas[index]!;
    const next = this.sigmas[index + 1]!;
    const prediction = this.originalAt(sigma);
    const call = this.begin(modelOutput, sample, options);
    // x + (next - sigma) d with d = (x - x_0) / sigma.
    const mixture = { original: 1 - next / sigma, sample: next / sigma, model: 0 };
    this.mix(call, prediction, Infinity, mixture);
    return this.finish(sample, options);
  }

  override setTimesteps(steps: number | { readonly timesteps: readonly number[] }): void {
    super.setTimesteps(steps);
    const { timestepType, predictionType } = this.config;
    if (timestepType === 'continuous' && predictionType === 'v_prediction') {
      // What models in EDM's preconditioning take: a quarter of log sigma.
      this.timesteps = this.sigmas.slice(0, -1).map((sigma) => 0.25 * Math.log(sigma));
    }
  }

  protected override spacedSigmas(count: number): number[] {
    const { interpolationType } = this.config;
    switch (interpolationType) {
      case 'linear':
        return super.spacedSigmas(count);
      case 'log_linear': {
        const [low, high] = [this.trainSigmas[0]!, this.trainSigmas.at(-1)!];
        return linspace(Math.log(high), Math.log(low), count + 1).map(Math.exp);
      }
      default:
        throw invalidOption('interpolation_type', interpolationType, 'linear or log_linear');
    }
  }

  protected override finalSigma(): number {
    const { finalSigmasType } = this.config;
    if (finalSigmasType === 'zero') return 0;
    if (finalSigmasType === 'sigma_min') return this.trainSigmas[0]!;
    throw invalidOption('final_sigmas_type', finalSigmasType, 'zero or sigma_min');
  }
}
