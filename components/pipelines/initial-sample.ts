import { invalidOption } from '../errors.js';
import { sizeOf, type ArenaTensor, type Tensor } from '../kernels/arena.js';
import { kernels } from '../kernels/kernels.js';
import type { Generator } from '../schedulers/generator.js';
import type { Scheduler } from '../schedulers/scheduler.js';

export interface InitialSample {
  /** [count, channels, height, width]; filled by `initialize`. */
  readonly sample: ArenaTensor;
  /** With its timesteps set. */
  readonly scheduler: Scheduler;
  readonly generator: Generator;
  /** The noise instead of the generator's. */
  readonly noise: Tensor | undefined;
  /** A picture to start from, shaped like the sample. */
  readonly picture: ArenaTensor | undefined;
  /** The steps that a walk from the picture leaves out. */
  readonly skipped: number;
}

/**
 * Writes x at the first timestep: noise, times the scheduler's first sigma; or a picture noised to where the
 * walk begins (SDEdit, Meng et al. 2021), and the scheduler's earlier steps are skipped.
 */
export function initialize(initial: InitialSample): void {
  const { sample, scheduler, generator, noise, picture, skipped } = initial;
  if (noise) sample.data.set(checkNoise(noise, sample.dims).data);
  else generator.fill(sample);
  const { pointer, length } = sample;
  if (!picture) {
    const sigma = scheduler.initNoiseSigma;
    if (sigma !== 1) kernels().combine2(pointer, pointer, sigma, pointer, 0, length);
    return;
  }
  scheduler.skipSteps(skipped);
  const { alpha, sigma } = scheduler.levelAt(scheduler.beginIndex);
  kernels().combine2(pointer, picture.pointer, alpha, pointer, sigma, length);
}

function checkNoise(noise: Tensor, dims: readonly number[]): Tensor {
  if (noise.data.length === sizeOf(dims)) return noise;
  throw invalidOption(
    'initialNoise',
    `[${noise.dims.join(', ')}]`,
    `of shape [${dims.join(', ')}]`,
  );
}
