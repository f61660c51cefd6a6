import { ArenaTensor } from '../kernels/arena.js';
import { kernels } from '../kernels/kernels.js';

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/** Adam (Kingma and Ba 2015) with its paper's constants, as `torch.optim.Adam`. */
export class Adam {
  readonly #mean: ArenaTensor;
  readonly #variance: ArenaTensor;
  #steps = 0;

  /** @param parameters changed in place by each step; a multiple of four values */
  constructor(
    readonly parameters: ArenaTensor,
    readonly gradients: ArenaTensor,
  ) {
    this.#mean = new ArenaTensor([parameters.length]);
    this.#variance = new ArenaTensor([parameters.length]);
    this.#mean.data.fill(0);
    this.#variance.data.fill(0);
  }

  step(learningRate: number): void {
    this.#steps++;
    const rate = learningRate / (1 - BETA1 ** this.#steps);
    const root = 1 / Math.sqrt(1 - BETA2 ** this.#steps);
    const { parameters, gradients } = this;
    const [w, g, m, v] = [parameters, gradients, this.#mean, this.#variance].map(
      ({ pointer }) => pointer,
    ) as [number, number, number, number];
    kernels().adam(w, g, m, v, rate, root, BETA1, BETA2, EPSILON, parameters.length);
  }

  release(): void {
    this.#mean.release();
    this.#variance.release();
  }
}
