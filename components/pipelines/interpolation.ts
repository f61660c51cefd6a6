import { invalidOption } from '../errors.js';
import type { ArenaTensor } from '../kernels/arena.js';
import { kernels } from '../kernels/kernels.js';
import type { Picture } from '../pictures/picture.js';

/** A place between two ends, 0 to 1, or among four corners: across, then down. */
export type Place = number | readonly [x: number, y: number];

/**
 * Pictures between pictures (DDIM, Song et al. 2020, section 5.3): the noise of each lies on the arc between the ends' noises,
 * and DDIM draws it.
 */
export interface Interpolation {
  /**
   * Two seeds; four, at the corners upper left, upper right, lower left, lower right; or two pictures of the model's size,
   * which DDIM run backwards turns into their noise.
   */
  readonly between: readonly (number | bigint)[] | readonly Picture[];
  /** Where each of the pictures lies. */
  readonly at: readonly Place[];
}

const isSeed = (end: unknown) => typeof end === 'number' || typeof end === 'bigint';
const isShare = (value: unknown) => typeof value === 'number' && value >= 0 && value <= 1;

/** Whether the ends are pictures. */
export function isBetweenPictures(
  between: Interpolation['between'],
): between is readonly Picture[] {
  return !isSeed(between[0]);
}

/** @throws DiffusionError `invalid-option` */
export function checkInterpolation(
  options: {
    readonly interpolation?: Interpolation;
    readonly image?: unknown;
    readonly count?: number;
  },
  most: number,
): Interpolation {
  const { between, at } = options.interpolation!;
  const seeds = between?.filter?.(isSeed).length;
  const isSound =
    seeds === 0 ? between.length === 2 : [2, 4].includes(seeds) && seeds === between.length;
  if (!isSound)
    throw invalidOption('interpolation.between', between, 'two or four seeds, or two pictures');
  const isPlace = (place: Place) =>
    between.length === 4
      ? Array.isArray(place) && place.length === 2 && place.every(isShare)
      : isShare(place);
  if (!Array.isArray(at) || at.length < 1 || at.length > most || !at.every(isPlace)) {
    const places = between.length === 4 ? 'pairs of numbers' : 'numbers';
    throw invalidOption(
      'interpolation.at',
      JSON.stringify(at),
      `1 to ${most} ${places} from 0 to 1`,
    );
  }
  if (options.image)
    throw invalidOption('image', 'a picture', 'left out where there is an interpolation');
  if (options.count !== undefined && options.count !== at.length) {
    throw invalidOption('count', options.count, `${at.length}, one for each place, or left out`);
  }
  return { between, at };
}

/**
 * Spherical interpolation (Shoemake 1985): out = sin((1 - u) w) / sin(w) a + sin(u w) / sin(w) b, w being the angle between
 * a and b. Pointers; `out` may be either.
 */
export function slerp(out: number, a: number, b: number, u: number, length: number): void {
  const k = kernels();
  const norms = Math.sqrt(k.dot(a, a, length) * k.dot(b, b, length));
  const cosine = norms > 0 ? k.dot(a, b, length) / norms : 1;
  const angle = Math.acos(Math.min(1, Math.max(-1, cosine)));
  const sine = Math.sin(angle);
  // Where both point the same way, or opposite ways, there is no one arc: the straight line is as good.
  const [from, to] =
    sine < 1e-6 ? [1 - u, u] : [Math.sin((1 - u) * angle) / sine, Math.sin(u * angle) / sine];
  k.combine2(out, a, from, b, to, length);
}

/**
 * Fills each row of the sample with the noise at its place among the ends.
 *
 * @param ends a row each; of four ends a fifth row, to work in
 */
export function interpolate(sample: ArenaTensor, ends: ArenaTensor, at: readonly Place[]): void {
  const length = sample.length / at.length;
  const end = (index: number) => ends.pointer + 4 * index * length;
  at.forEach((place, index) => {
    const out = sample.pointer + 4 * index * length;
    const [x, y] = typeof place === 'number' ? [place] : place;
    slerp(out, end(0), end(1), x, length);
    if (y === undefined) return;
    slerp(end(4), end(2), end(3), x, length);
    slerp(out, out, end(4), y, length);
  });
}
