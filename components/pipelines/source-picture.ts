import { DiffusionError } from '../errors.js';
import { ArenaTensor, scratch } from '../kernels/arena.js';
import { kernels } from '../kernels/kernels.js';
import type { Picture } from '../pictures/picture.js';

const RGBA_SLOT = 6;

/** Pictures that a run starts from, one for each item, and which part of them it keeps. */
export class SourcePicture {
  /** In [-1, 1]; a single channel takes the pictures' luma. */
  readonly picture: ArenaTensor;
  /** 1 where the picture is known, 0 where it is to be drawn, anything between at soft edges. */
  readonly mask: ArenaTensor | undefined;

  /**
   * @param mask white where the pictures are to be drawn anew; black, or transparent, where they are kept
   * @throws DiffusionError `image-invalid` where a size is not that of `dims`
   */
  constructor(dims: readonly number[], pictures: readonly Picture[], mask: Picture | undefined) {
    this.picture = new ArenaTensor(dims);
    this.mask = mask && new ArenaTensor(dims);
    try {
      readPictures(this.picture, pictures);
      if (mask && this.mask) readMask(this.mask, mask);
    } catch (error) {
      this.release();
      throw error;
    }
  }

  /** Whether the mask leaves nothing to draw. */
  get isWhole(): boolean {
    return this.mask?.data.every((known) => known === 1) ?? false;
  }

  release(): void {
    this.picture.release();
    this.mask?.release();
  }
}

/** Puts the parts of the pictures that a mask keeps over a batch that was drawn from them. */
export function overlay(
  drawn: ArenaTensor,
  { pictures = [], mask }: { pictures?: readonly Picture[]; mask?: Picture },
): void {
  const source = new SourcePicture(drawn.dims, pictures, mask);
  const { pointer, length } = drawn;
  kernels().blend(pointer, source.picture.pointer, 1, 0, 0, source.mask!.pointer, length);
  source.release();
}

/** Puts the RGBA bytes where the kernels reach them. */
function stageBytes(what: string, picture: Picture, width: number, height: number): ArenaTensor {
  if (picture.data?.length !== 4 * picture.width * picture.height) {
    throw new DiffusionError(
      'image-invalid',
      `The ${what} must be { data, width, height } with RGBA bytes, 4 for each pixel, in a Uint8ClampedArray.`,
    );
  }
  if (picture.width !== width || picture.height !== height) {
    throw new DiffusionError(
      'image-invalid',
      `The ${what} has ${picture.width} x ${picture.height} pixels, but this model draws ${width} x ${height}: ` +
        'scale it first, as RGBA bytes.',
    );
  }
  const rgba = scratch(RGBA_SLOT, width * height);
  rgba.bytes.set(picture.data);
  return rgba;
}

/** Fills a batch with pictures, in [-1, 1]; one is enough for all. */
export function readPictures(batch: ArenaTensor, pictures: readonly Picture[]): void {
  const [items = 1, channels = 1, height = 0, width = 0] = batch.dims;
  const area = width * height;
  for (let i = 0; i < items; i++) {
    const rgba = stageBytes('image', pictures[i % pictures.length]!, width, height);
    kernels().fromRgba(batch.pointer + 4 * i * channels * area, rgba.pointer, area, channels);
  }
}

/** Fills a batch with a mask: 1 where the picture is known, 0 where it is to be drawn. */
export function readMask(batch: ArenaTensor, mask: Picture): void {
  const [items = 1, channels = 1, height = 0, width = 0] = batch.dims;
  const area = width * height;
  const rgba = stageBytes('mask', mask, width, height);
  kernels().fromRgba(batch.pointer, rgba.pointer, area, 1);
  const { data } = batch;
  for (let i = 0; i < area; i++) {
    const white = (data[i]! + 1) / 2;
    const opacity = mask.data[4 * i + 3]! / 255;
    data[i] = 1 - Math.min(1, Math.max(0, white)) * opacity;
  }
  for (let plane = 1; plane < items * channels; plane++) data.copyWithin(plane * area, 0, area);
}
