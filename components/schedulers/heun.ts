import { kernels } from '../kernels/kernels.js';
import type { Tensor } from '../kernels/arena.js';
import type { StepOptions, StepOutput } from './scheduler.js';
import { SigmaScheduler } from './sigma-scheduler.js';

/**
 * Heun's method (Karras et al. 2022, algorithm 1): Euler's step, then a second prediction at its end, and
 * the mean of both slopes. Timesteps and sigmas stand twice in the lists, but for the first.
 *
 * The second slope multiplies the rounding of the first step's end by dt / (2 sigma), thousands where the schedule
 * starts next to pure noise. So each operation is diffusers', in its order: a slope is divided, not multiplied.
 */
export class HeunDiscreteScheduler extends SigmaScheduler {
  // The slope at the start of the step, and the sample there.
  readonly #slope = this.history(1);
  readonly #start = this.history(1);

  override get order(): number {
    return 2;
  }

  override setTimesteps(steps: number | { readonly timesteps: readonly number[] }): void {
    super.setTimesteps(steps);
    const [first, ...rest] = this.timesteps;
    this.timesteps = [first!, ...rest.flatMap((t) => [t, t])];
    const last = this.sigmas.at(-1)!;
    const [start, ...inner] = this.sigmas.slice(0, -1);
    this.sigmas = [start!, ...inner.flatMap((sigma) => [sigma, sigma]), last];
  }

  override step(
    modelOutput: Tensor,
    timestep: number,
    sample: Tensor,
    options: StepOptions = {},
  ): StepOutput {
    const index = this.advance(timestep);
    const second = this.#slope.length > 0;
    const sigma = this.sigmas[index]!;
    const prediction = this.originalAt(sigma);
    const call = this.begin(modelOutput, sample, options);
    const k = kernels();
    const size = call.items * call.length;
    this.predict(call, prediction, this.limit);
    if (second) {
      const from = this.sigmas[index - 1]!;
      k.combine2(call.prev, call.sample, 1, call.original, -1, size);
      k.divide(call.prev, call.prev, sigma, size);
      k.combine2(call.prev, this.#slope.at(0), 0.5, call.prev, 0.5, size);
      k.combine2(call.prev, this.#start.at(0), 1, call.prev, sigma - from, size);
      this.restart();
    } else {
      const slope = this.#slope.next(size);
      k.combine2(slope, call.sample, 1, call.original, -1, size);
      k.divide(slope, slope, sigma, size);
      this.#start.push(call.sample, size);
      k.combine2(call.prev, call.sample, 1, slope, this.sigmas[index + 1]! - sigma, size);
      // The last step ends at sigma 0, where there is no slope to add.
      if (index === this.timesteps.length - 1) this.restart();
    }
    return this.finish(sample, options);
  }

  protected override restart(): void {
    this.#slope.clear();
    this.#start.clear();
  }
}
