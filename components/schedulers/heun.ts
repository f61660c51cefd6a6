import { kernels } from '../kernels/kernels.js';
import type { Tensor } from '../kernels/arena.js';
import type { StepOptions, StepOutput } from './scheduler.js';
import { SigmaScheduler } from './sigma-scheduler.js';

/**
 * Heun's method (Karras et al. 2022, algorithm 1): Euler's step, then a second prediction at its end, and
 * the mean of both slopes. Timesteps and sigmas stand twice in the lists, but for the first.
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
      const half = (sigma - from) / 2;
      k.combine4(
        call.prev,
        this.#start.at(0),
        1,
        this.#slope.at(0),
        half,
        call.sample,
        half / sigma,
        call.original,
        -half / sigma,
        size,
      );
      this.restart();
    } else {
      const slope = this.#slope.next(size);
      k.combine2(slope, call.sample, 1 / sigma, call.original, -1 / sigma, size);
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
