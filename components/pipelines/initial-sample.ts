import { DiffusionError, invalidOption } from '../errors.js';
import { ArenaTensor, scratch, sizeOf, type Tensor } from '../kernels/arena.js';
import { kernels } from '../kernels/kernels.js';
import type { Generator } from '../schedulers/generator.js';
import type { Scheduler } from '../schedulers/scheduler.js';
import type { Picture } from './pictures.js';

const RGBA_SLOT = 6;

export interface InitialSample {
  /** [count, channels, height, width]; filled by `initialize`. */
  readonly sample: ArenaTensor;
  /** With its timesteps set. */
  readonly scheduler: Scheduler;
  readonly generator: Generator;
  /** The noise instead of the generator's. */
  readonly noise: Tensor | undefined;
  /** Pictures to start from, one for each item. */
  readonly pictures: readonly Picture[] | undefined;
  /** The share of the steps to take from a picture. */
  readonly strength: number;
  /** Inference steps of a whole walk. */
  readonly steps: number;
}

/**
 * Writes x at the first timestep: noise, times the scheduler's first sigma; or a picture noised to where a
 * walk of `strength` begins (SDEdit, Meng et al. 2021), and the scheduler's earlier steps are skipped.
 */
export function initialize(initial: InitialSample): void {
  const { sample, scheduler, generator, noise, pictures, strength, steps } = initial;
  if (noise) sample.data.set(checkNoise(noise, sample.dims).data);
  else generator.fill(sample);
  const { pointer, length } = sample;
  if (!pictures) {
    const sigma = scheduler.initNoiseSigma;
    if (sigma !== 1) kernels().combine2(pointer, pointer, sigma, pointer, 0, length);
    return;
  }
  scheduler.skipSteps(steps - Math.floor(steps * strength));
  const original = new ArenaTensor(sample.dims);
  try {
    readPictures(original, pictures);
    const timestep = scheduler.timesteps[scheduler.beginIndex];
    const first =
      timestep === undefined ? original : scheduler.addNoise(original, sample, timestep);
    sample.data.set(first.data);
  } finally {
    original.release();
  }
}

function checkNoise(noise: Tensor, dims: readonly number[]): Tensor {
  if (noise.data.length === sizeOf(dims)) return noise;
  throw invalidOption(
    'initialNoise',
    `[${noise.dims.join(', ')}]`,
    `of shape [${dims.join(', ')}]`,
  );
}

/** Pictures of the batch's size as floats in [-1, 1]; a single channel takes their luma. */
function readPictures(batch: ArenaTensor, pictures: readonly Picture[]): void {
  const [, channels = 1, height = 0, width = 0] = batch.dims;
  const area = width * height;
  const rgba = scratch(RGBA_SLOT, area);
  pictures.forEach((picture, i) => {
    if (picture.width !== width || picture.height !== height || picture.data.length !== 4 * area) {
      throw new DiffusionError(
        'image-invalid',
        `The image has ${picture.width} x ${picture.height} pixels, but this model draws ${width} x ${height}: ` +
          'scale it first, as RGBA bytes.',
      );
    }
    rgba.bytes.set(picture.data);
    kernels().fromRgba(batch.pointer + 4 * i * channels * area, rgba.pointer, area, channels);
  });
}
