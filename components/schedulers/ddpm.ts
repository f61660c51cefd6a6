import { invalidOption } from '../errors.js';
import { kernels } from '../kernels/kernels.js';
import type { Tensor } from '../kernels/arena.js';
import { originalFrom } from './prediction.js';
import { Scheduler, type StepOptions, type StepOutput } from './scheduler.js';

export const varianceTypes = [
  'fixed_small',
  'fixed_small_log',
  'fixed_large',
  'fixed_large_log',
  'learned',
  'learned_range',
];

/**
 * Ancestral sampling of "Denoising Diffusion Probabilistic Models" (Ho, Jain and Abbeel 2020, algorithm 2),
 * with the learned variance of "Improved DDPM" (Nichol and Dhariwal 2021, eq. 15), on all timesteps or some.
 */
export class DDPMScheduler extends Scheduler {
  override step(
    modelOutput: Tensor,
    timestep: number,
    sample: Tensor,
    options: StepOptions = {},
  ): StepOutput {
    const { predictionType, varianceType } = this.config;
    const previous = this.timesteps[this.advance(timestep) + 1] ?? -1;
    const alphaCumprod = this.alphasCumprod[timestep]!;
    const previousCumprod = previous >= 0 ? this.alphasCumprod[previous]! : 1;
    const alpha = alphaCumprod / previousCumprod;
    const beta = 1 - alpha;

    // The mean of q(x_{t-1} | x_t, x_0), eq. 7.
    const original = (Math.sqrt(previousCumprod) * beta) / (1 - alphaCumprod);
    const current = (Math.sqrt(alpha) * (1 - previousCumprod)) / (1 - alphaCumprod);
    const posterior = Math.max((beta * (1 - previousCumprod)) / (1 - alphaCumprod), 1e-20);

    const root = Math.sqrt(alphaCumprod);
    const prediction = originalFrom(predictionType, root, Math.sqrt(1 - alphaCumprod));
    const call = this.begin(modelOutput, sample, options);
    if (varianceType.startsWith('learned') && !call.variance) {
      throw invalidOption(
        'variance_type',
        varianceType,
        'a fixed one for a model without a variance',
      );
    }
    const noise = timestep > 0 ? this.noise(sample, options) : 0;
    const fixed = noise && !varianceType.startsWith('learned') ? noise : 0;
    const deviation = fixed ? this.#deviation(beta, posterior) : 0;
    const mixture = { original, sample: current, model: 0, deviation };
    this.mix(call, prediction, this.limit, mixture, fixed);
    if (noise && varianceType === 'learned_range') {
      kernels().addRangeNoise(
        call.prev,
        call.variance,
        noise,
        call.items,
        call.length,
        call.stride,
        Math.log(posterior),
        Math.log(beta),
      );
    } else if (noise && varianceType === 'learned') {
      kernels().addLearnedNoise(
        call.prev,
        call.variance,
        noise,
        call.items,
        call.length,
        call.stride,
      );
    }
    return this.finish(sample, options);
  }

  #deviation(beta: number, posterior: number): number {
    const { varianceType } = this.config;
    switch (varianceType) {
      case 'fixed_small':
      case 'fixed_small_log':
        return Math.sqrt(posterior);
      case 'fixed_large':
      case 'fixed_large_log':
        return Math.sqrt(beta);
      default:
        throw invalidOption('variance_type', varianceType, 'a fixed one');
    }
  }
}
