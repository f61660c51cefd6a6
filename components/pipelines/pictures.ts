import { DiffusionError } from '../errors.js';
import { scratch, type ArenaTensor } from '../kernels/arena.js';
import { kernels } from '../kernels/kernels.js';
import type { Picture } from '../pictures/picture.js';
import type { Backend } from '../runtime/session.js';

const RGBA_SLOT = 6;

/** Fails for what a broken device draws: numbers that are none, or a single colour. */
export function checkPictures({ data }: ArenaTensor, backend: Backend): void {
  const isFinite = data.every(Number.isFinite);
  const isFlat = backend === 'webgpu' && data.every((value) => value === data[0]);
  if (isFinite && !isFlat) return;
  const what = isFinite ? 'a picture of a single colour' : 'numbers that are not finite';
  throw new DiffusionError(
    backend === 'webgpu' ? 'device-lost' : 'model-invalid',
    `The model drew ${what} on ${backend}.`,
  );
}

/** The pictures of a batch [N, 1 or 3, height, width] in [-1, 1]; fresh copies. */
export function toPictures(batch: ArenaTensor): Picture[] {
  const [count = 0, channels = 1, height = 0, width = 0] = batch.dims;
  const area = width * height;
  const rgba = scratch(RGBA_SLOT, area);
  return Array.from({ length: count }, (_, i) => {
    kernels().toRgba(rgba.pointer, batch.pointer + 4 * i * channels * area, area, channels);
    return { data: new Uint8ClampedArray(rgba.bytes.subarray(0, 4 * area)), width, height };
  });
}
