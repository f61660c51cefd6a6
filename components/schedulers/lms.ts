import { kernels } from '../kernels/kernels.js';
import type { Tensor } from '../kernels/arena.js';
import type { StepOptions, StepOutput } from './scheduler.js';
import { SigmaScheduler } from './sigma-scheduler.js';

const ORDER = 4;

// Gauss-Legendre points and weights on [-1, 1]: exact for the cubic polynomials of order four.
const POINTS: readonly [number, number][] = [
  [-1 / Math.sqrt(3), 1],
  [1 / Math.sqrt(3), 1],
];

/** A linear multistep method (Adams and Bashforth) in sigma: k-diffusion's sample_lms. */
export class LMSDiscreteScheduler extends SigmaScheduler {
  readonly #slopes = this.history(ORDER);

  override step(
    modelOutput: Tensor,
    timestep: number,
    sample: Tensor,
    options: StepOptions = {},
  ): StepOutput {
    const index = this.advance(timestep);
    const sigma = this.sigmas[index]!;
    const prediction = this.originalAt(sigma);
    const call = this.begin(modelOutput, sample, options);
    const k = kernels();
    const size = call.items * call.length;
    this.predict(call, prediction, Infinity);
    const slope = this.#slopes.next(size);
    k.combine2(slope, call.sample, 1 / sigma, call.original, -1 / sigma, size);

    const order = Math.min(index + 1, this.#slopes.length);
    const weights = Array.from({ length: order }, (_, age) => this.#weight(index, order, age));
    k.combine2(call.prev, call.sample, 1, slope, weights[0]!, size);
    for (let age = 1; age < order; age++) {
      k.combine2(call.prev, call.prev, 1, this.#slopes.at(age), weights[age]!, size);
    }
    return this.finish(sample, options);
  }

  protected override restart(): void {
    this.#slopes.clear();
  }

  /** The integral, over this step, of the Lagrange polynomial that is 1 at the slope of this age. */
  #weight(index: number, order: number, age: number): number {
    const from = this.sigmas[index]!;
    const to = this.sigmas[index + 1]!;
    const basis = (tau: number) => {
      let product = 1;
      for (let other = 0; other < order; other++) {
        if (other === age) continue;
        const at = this.sigmas[index - other]!;
        product *= (tau - at) / (this.sigmas[index - age]! - at);
      }
      return product;
    };
    const half = (to - from) / 2;
    const middle = (to + from) / 2;
    return half * POINTS.reduce((sum, [x, weight]) => sum + weight * basis(middle + half * x), 0);
  }
}
