import { ArenaTensor } from '../kernels/arena.js';
import { kernels } from '../kernels/kernels.js';
import type { Level } from '../schedulers/scheduler.js';

/** Standard normal noise at this contrast fits into the range of a picture. */
const CONTRAST = 0.5;

/** The noise that a model saw in x_t: epsilon = (x_t - alpha x_0) / sigma, x_0 being the picture that it predicts. */
export class PredNoise {
  readonly #sample: ArenaTensor;
  readonly #noise: ArenaTensor;
  #level: Level = { alpha: 1, sigma: 1 };

  constructor(dims: readonly number[]) {
    this.#sample = new ArenaTensor(dims);
    this.#noise = new ArenaTensor(dims);
  }

  /** Keeps x_t before a step writes over it. */
  remember(sample: ArenaTensor, level: Level): void {
    this.#sample.data.set(sample.data);
    this.#level = level;
  }

  /** The noise at half its contrast; valid until the next call. */
  of(predOriginalSample: ArenaTensor): ArenaTensor {
    const { alpha, sigma } = this.#level;
    const { pointer, length } = this.#noise;
    const [current, original] = [CONTRAST / sigma, (-CONTRAST * alpha) / sigma];
    const from = this.#sample.pointer;
    kernels().combine2(pointer, from, current, predOriginalSample.pointer, original, length);
    return this.#noise;
  }

  release(): void {
    this.#sample.release();
    this.#noise.release();
  }
}
