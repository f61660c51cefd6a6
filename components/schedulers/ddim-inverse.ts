import { kernels } from '../kernels/kernels.js';
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
    const prediction = originalFrom(predictionType, fromCumprod);
    const epsilon = epsilonFrom(predictionType, fromCumprod);
    const direction = Math.sqrt(1 - toCumprod);
    const call = this.begin(modelOutput, sample, options);
    kernels().step(
      call.prev,
      call.original,
      call.sample,
      call.model,
      0,
      call.items,
      call.length,
      call.stride,
      prediction.sample,
      prediction.model,
      this.clipLimit,
      Math.sqrt(toCumprod),
      direction * epsilon.sample,
      direction * epsilon.model,
      0,
    );
    return this.finish(sample, options);
  }

  get #initialCumprod(): number {
    return this.config.setAlphaToOne ? 1 : this.alphasCumprod[0]!;
  }
}
