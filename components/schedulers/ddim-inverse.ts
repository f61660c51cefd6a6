import type { Tensor } from '../kernels/arena.js';
import { epsilonFrom, originalFrom } from './prediction.js';
import { Scheduler, type StepOptions, type StepOutput } from './scheduler.js';

/** DDIM run backwards, from a picture to the noise that makes it (Song et al. 2020, section 5.4). */
export class DDIMInverseScheduler extends Scheduler {
  #stride = 0;

  override setTimesteps(steps: number | { readonly timesteps: readonly number[] }): void {
    super.setTimesteps(steps);
    this.timesteps.reverse();
    this.#stride =
      typeof steps === 'number'
        ? Math.floor(this.config.numTrainTimesteps / steps)
        : Math.floor(this.config.numTrainTimesteps / this.timesteps.length);
  }

  override step(
    modelOutput: Tensor,
    timestep: number,
    sample: Tensor,
    options: StepOptions = {},
  ): StepOutput {
    this.indexOf(timestep);
    const { predictionType } = this.config;
    // The sample stands at `from`, and the model's output for `timestep` carries it there.
    const from = Math.min(timestep - this.#stride, this.config.numTrainTimesteps - 1);
    const fromCumprod = from >= 0 ? this.alphasCumprod[from]! : this.#initialCumprod;
    const toCumprod = this.alphasCumprod[timestep]!;
    const alpha = Math.sqrt(fromCumprod);
    const sigma = Math.sqrt(1 - fromCumprod);
    const prediction = originalFrom(predictionType, alpha, sigma);
    const epsilon = epsilonFrom(predictionType, alpha, sigma);
    const direction = Math.sqrt(1 - toCumprod);
    const call = this.begin(modelOutput, sample, options);
    this.mix(call, prediction, this.limit, {
      original: Math.sqrt(toCumprod),
      sample: direction * epsilon.sample,
      model: direction * epsilon.model,
    });
    return this.finish(sample, options);
  }

  get #initialCumprod(): number {
    return this.config.setAlphaToOne ? 1 : this.alphasCumprod[0]!;
  }
}
