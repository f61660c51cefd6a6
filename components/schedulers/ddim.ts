import { invalidOption } from '../errors.js';
import type { Tensor } from '../kernels/arena.js';
import { ddimDeviation, ddimMixture } from './ddim-mixture.js';
import { epsilonFrom, originalFrom } from './prediction.js';
import { Scheduler, type StepOptions, type StepOutput } from './scheduler.js';

/**
 * "Denoising Diffusion Implicit Models" (Song, Meng and Ermon 2020), eq. 12; `eta` as in eq. 16.
 *
 * Few steps, and small models, lose contrast. `contrast_gain`, which diffusers does not have, gives it back: of n
 * steps each takes 1 + gain / n times the predicted x_0, within the limit, and the noise that goes with it. It
 * has the purpose of Epsilon Scaling (Ning et al. 2024, arXiv:2308.15321), but bears alpha close to 0.
 */
export class DDIMScheduler extends Scheduler {
  // T divided by the number of steps, or 0 where the timesteps are uneven.
  #stride = 0;

  override setTimesteps(steps: number | { readonly timesteps: readonly number[] }): void {
    super.setTimesteps(steps);
    const { timestepSpacing, numTrainTimesteps } = this.config;
    const even = typeof steps === 'number' && timestepSpacing !== 'power';
    this.#stride = even ? Math.floor(numTrainTimesteps / steps) : 0;
  }

  override step(
    modelOutput: Tensor,
    timestep: number,
    sample: Tensor,
    options: StepOptions = {},
  ): StepOutput {
    const { eta = 0 } = options;
    if (!(eta >= 0 && eta <= 1)) throw invalidOption('eta', eta, 'a number from 0 to 1');
    const { predictionType } = this.config;
    const alphaCumprod = this.alphasCumprod[timestep]!;
    const previousCumprod = this.#previousCumprod(timestep);
    const deviation = ddimDeviation(alphaCumprod, previousCumprod, eta);

    const alpha = Math.sqrt(alphaCumprod);
    const sigma = Math.sqrt(1 - alphaCumprod);
    const gain = 1 + this.config.contrastGain / this.timesteps.length;
    const { sample: ps, model: pm } = originalFrom(predictionType, alpha, sigma);
    const prediction = { sample: gain * ps, model: gain * pm };
    // With a gain the noise is what x_0, as it is used, leaves of x_t.
    const epsilon =
      gain === 1
        ? { original: 0, ...epsilonFrom(predictionType, alpha, sigma) }
        : { original: -alpha / sigma, sample: 1 / sigma, model: 0 };
    const call = this.begin(modelOutput, sample, options);
    const mixture = ddimMixture(previousCumprod, deviation, epsilon);
    const noise = deviation > 0 ? this.noise(sample, options) : 0;
    this.mix(call, prediction, this.limit, mixture, noise);
    return this.finish(sample, options);
  }

  /** alpha-bar where this step leads to: t - floor(T / n), as in diffusers, or the list's next entry. */
  #previousCumprod(timestep: number): number {
    const index = this.advance(timestep);
    const previous = this.#stride > 0 ? timestep - this.#stride : (this.timesteps[index + 1] ?? -1);
    if (previous >= 0) return this.alphasCumprod[previous]!;
    return this.config.setAlphaToOne ? 1 : this.alphasCumprod[0]!;
  }
}
