import type { Tensor } from '../kernels/arena.js';
import type { StepOptions, StepOutput } from './scheduler.js';
import { SigmaScheduler } from './sigma-scheduler.js';

/** Euler's method to sigma_down, then noise up to the next sigma: k-diffusion's sample_euler_ancestral. */
export class EulerAncestralDiscreteScheduler extends SigmaScheduler {
  override step(
    modelOutput: Tensor,
    timestep: number,
    sample: Tensor,
    options: StepOptions = {},
  ): StepOutput {
    const index = this.advance(timestep);
    const sigma = this.sigmas[index]!;
    const next = this.sigmas[index + 1]!;
    const up = Math.sqrt((next ** 2 * (sigma ** 2 - next ** 2)) / sigma ** 2);
    const down = Math.sqrt(next ** 2 - up ** 2);
    const prediction = this.originalAt(sigma);
    const call = this.begin(modelOutput, sample, options);
    const mixture = {
      original: 1 - down / sigma,
      sample: down / sigma,
      model: 0,
      deviation: up,
    };
    this.mix(call, prediction, Infinity, mixture, up > 0 ? this.noise(sample, options) : 0);
    return this.finish(sample, options);
  }
}
