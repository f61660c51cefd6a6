import { invalidOption } from '../errors.js';
import { sizeOf, type ArenaTensor, type Tensor } from '../kernels/arena.js';
import { kernels } from '../kernels/kernels.js';
import type { Generator } from '../schedulers/generator.js';
import type { Scheduler } from '../schedulers/scheduler.js';

/** Fills a sample with noise: the generator's, or what is given. */
export function fillNoise(
  sample: ArenaTensor,
  generator: Generator,
  given: Tensor | undefined,
): void {
  if (!given) return generator.fill(sample);
  const { data, dims } = Object(given) as Partial<Tensor>;
  const fits = data?.length === sizeOf(sample.dims) && String(dims) === String(sample.dims);
  if (!data || !fits) {
    const shown = `[${dims?.join?.(', ')}] with ${data?.length ?? 'no'} values`;
    throw invalidOption('initialNoise', shown, `of shape [${sample.dims.join(', ')}]`);
  }
  sample.data.set(data);
}

/** Gives noise the deviation that the scheduler begins with. */
export function scaleNoise({ pointer, length }: ArenaTensor, { initNoiseSigma }: Scheduler): void {
  if (initNoiseSigma !== 1)
    kernels().combine2(pointer, pointer, initNoiseSigma, pointer, 0, length);
}

/** Noises a picture to where a walk begins that leaves out some steps (SDEdit, Meng et al. 2021); `sample` holds the noise. */
export function addFirstNoise(
  { pointer, length }: ArenaTensor,
  picture: ArenaTensor,
  scheduler: Scheduler,
  skipped: number,
): void {
  scheduler.skipSteps(skipped);
  const { alpha, sigma } = scheduler.levelAt(scheduler.beginIndex);
  kernels().combine2(pointer, picture.pointer, alpha, pointer, sigma, length);
}
