import { kernels } from '../kernels/kernels.js';
import type { Tensor } from '../kernels/arena.js';
import type { History } from './history.js';
import type { StepOptions, StepOutput } from './scheduler.js';
import type { SchedulerConfig } from './scheduler-config.js';
import { SolverScheduler } from './solver-scheduler.js';

/** Up to so many steps the last ones are of lower order, for stability. */
const FEW_STEPS = 15;

/** The integral from a to b, over rho, of the Lagrange polynomial in log rho that is 1 at nodes[0]. */
function logRhoIntegral(a: number, b: number, nodes: readonly number[]): number {
  const [at, ...others] = nodes.map(Math.log) as [number, ...number[]];
  const antiderivative = (rho: number) => {
    const x = Math.log(rho);
    if (others.length === 1) return (rho * (x - 1 - others[0]!)) / (at - others[0]!);
    const [c, d] = others as [number, number];
    return (rho * (c * d - (c + d) * (x - 1) + x * x - 2 * x + 2)) / ((at - c) * (at - d));
  };
  return antiderivative(b) - antiderivative(a);
}

/**
 * "Fast Sampling of Diffusion Models with Exponential Integrator" (Zhang and Chen 2022, arXiv:2204.13902), the
 * log-rho multistep form with rho = sigma / alpha, order 1 to 3.
 */
export class DEISMultistepScheduler extends SolverScheduler {
  readonly #outputs: History;

  constructor(config: SchedulerConfig) {
    super(config);
    this.#outputs = this.history(config.solverOrder);
  }

  override step(
    modelOutput: Tensor,
    timestep: number,
    sample: Tensor,
    options: StepOptions = {},
  ): StepOutput {
    const index = this.advance(timestep);
    const call = this.begin(modelOutput, sample, options);
    const size = call.items * call.length;
    this.convert(call, index, this.#outputs.next(size), 'epsilon');

    const order = this.#order(index);
    const rhos = Array.from({ length: order }, (_, age) => this.sigmas[index - age]!);
    const target = this.sigmas[index + 1]!;
    const { alpha } = this.point(index + 1);
    const factors = rhos.map((rho, age) => {
      if (order === 1) return alpha * (target - rho);
      const nodes = [...rhos.slice(age), ...rhos.slice(0, age)];
      return alpha * logRhoIntegral(rhos[0]!, target, nodes);
    });
    const k = kernels();
    const scale = alpha / this.point(index).alpha;
    k.combine2(call.prev, call.sample, scale, this.#outputs.at(0), factors[0]!, size);
    for (let age = 1; age < order; age++) {
      k.combine2(call.prev, call.prev, 1, this.#outputs.at(age), factors[age]!, size);
    }
    return this.finish(sample, options);
  }

  protected override restart(): void {
    this.#outputs.clear();
  }

  /** The method has no point at sigma 0. */
  protected override finalSigma(smallest: number): number {
    return smallest;
  }

  #order(index: number): number {
    const { solverOrder, lowerOrderFinal } = this.config;
    const left = this.timesteps.length - index;
    const gentle = lowerOrderFinal && this.timesteps.length < FEW_STEPS;
    const available = Math.min(solverOrder, this.#outputs.length);
    return gentle ? Math.min(available, left) : available;
  }
}
