import { scratch, type ArenaTensor } from '../kernels/arena.js';
import { kernels } from '../kernels/kernels.js';
import type { Feed, Session } from '../runtime/session.js';
import { scoreFactor } from '../schedulers/prediction.js';
import type { Scheduler } from '../schedulers/scheduler.js';

// Behind the scheduler's and the loop's staging slots.
const GRADIENT = 12;

export interface ClassifierOptions {
  readonly session: Session;
  readonly scale: number;
  /** A class index for each picture. */
  readonly classes: readonly number[];
  readonly scheduler: Scheduler;
}

/**
 * Classifier guidance (Dhariwal and Nichol 2021, algorithm 2): the gradient of log p(class | x_t), times a scale, is added to
 * the score that the prediction stands for.
 */
export class ClassifierGuidance {
  readonly #timestep: Float32Array;
  readonly #feeds: Record<string, Feed>;

  constructor(readonly options: ClassifierOptions) {
    const { classes } = options;
    const rows = classes.length;
    this.#timestep = new Float32Array(rows);
    this.#feeds = {
      timestep: { data: this.#timestep, dims: [rows] },
      class_labels: { data: BigInt64Array.from(classes, BigInt), dims: [rows] },
    };
  }

  /** Changes the prediction for `sample` in place; what stands behind it in each item (a learned variance) stays. */
  async guide(prediction: ArenaTensor, sample: ArenaTensor, timestep: number): Promise<void> {
    const { session, scale, scheduler, classes } = this.options;
    this.#timestep.fill(timestep);
    this.#feeds['sample'] = sample;
    const gradient = Object.values(await session.run(this.#feeds))[0]!.data as Float32Array;
    const { alphasCumprod, config } = scheduler;
    const alphaCumprod = alphasCumprod[Math.round(timestep)]!;
    const [alpha, sigma] = [Math.sqrt(alphaCumprod), Math.sqrt(1 - alphaCumprod)];
    const factor = scale * scoreFactor(config.predictionType, alpha, sigma);
    const items = classes.length;
    const length = sample.length / items;
    const stride = prediction.length / items;
    const k = kernels();
    const staged = scratch(GRADIENT, sample.length);
    staged.data.set(gradient);
    for (let item = 0; item < items; item++) {
      const pointer = prediction.pointer + 4 * item * stride;
      const from = staged.pointer + 4 * item * length;
      k.combine2(pointer, pointer, 1, from, factor, length);
    }
  }
}
