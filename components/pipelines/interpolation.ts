import { invalidOption } from '../errors.js';
import type { ArenaTensor } from '../kernels/arena.js';
import { kernels } from '../kernels/kernels.js';
import type { Picture } from '../pictures/picture.js';
import type { Place } from '../pictures/seeds.js';

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

const isSide = (end: unknown) => typeof end === 'object' && end !== null && 'data' in end;

/** @throws DiffusionError `invalid-option` */
export function checkInterpolation(
  interpolation: Interpolation,
  { image, count }: { readonly image?: unknown; readonly count?: number },
  most: number,
): Interpolation {
  const { between, at } = Object(interpolation) as Partial<Interpolation>;
  const ends: readonly unknown[] = Array.isArray(between) ? between : [];
  const areSeeds = [2, 4].includes(ends.length) && ends.every(isSeed);
  if (!between || !(areSeeds || (ends.length === 2 && ends.every(isSide)))) {
    throw invalidOption('interpolation.between', between, 'two or four seeds, or two pictures');
  }
  const isPlace = (place: unknown) =>
    ends.length === 4
      ? Array.isArray(place) && place.length === 2 && place.every(isShare)
      : isShare(place);
  const places: readonly unknown[] = Array.isArray(at) ? at : [];
  if (!at || places.length < 1 || places.length > most || !places.every(isPlace)) {
    const kind = ends.length === 4 ? 'pairs of numbers' : 'numbers';
    throw invalidOption('interpolation.at', places.join(' '), `1 to ${most} ${kind} from 0 to 1`);
  }
  if (image) {
    throw invalidOption('image', 'a picture', 'left out where there is an interpolation');
  }
  if (count !== undefined && count !== at.length) {
    throw invalidOption('count', count, `${at.length}, one for each place, or left out`);
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
 * The noise at a place among the ends.
 *
 * @param out a pointer; `ends` are pointers too, of four ends with a fifth to work in
 */
export function noiseAt(out: number, ends: readonly number[], place: Place, length: number): void {
  const [x, y] = typeof place === 'number' ? [place] : place;
  const [first, second, third, fourth, work] = ends as [number, number, number, number, number];
  slerp(out, first, second, x, length);
  if (y === undefined) return;
  slerp(work, third, fourth, x, length);
  slerp(out, out, work, y, length);
}

/**
 * Fills each row of the sample with the noise at its place among the ends.
 *
 * @param ends a row each; of four ends a fifth row, to work in
 */
export function interpolate(sample: ArenaTensor, ends: ArenaTensor, at: readonly Place[]): void {
  const length = sample.length / at.length;
  const rows = Array.from(
    { length: ends.length / length },
    (_, index) => ends.pointer + 4 * index * length,
  );
  at.forEach((place, index) => noiseAt(sample.pointer + 4 * index * length, rows, place, length));
}
