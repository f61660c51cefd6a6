import { invalidOption } from '../errors.js';

/** A place between two ends, 0 to 1, or among four corners: across, then down. */
export type Place = number | readonly [x: number, y: number];

/**
 * What the noise comes from: a whole number from 0 to 2^64 - 1; or text for a place between two such seeds, `1,2@0.5`, or
 * among four, `1,2,3,4@0.25,0.75` (across, then down, from the first to the second and from the first to the third).
 */
export type Seed = number | bigint | string;

/** The seeds of a run, and where between them its noise lies. */
export interface Seeds {
  /** One for all pictures, or more, each of as many of them; with a `place` its ends. */
  readonly seeds: readonly (number | bigint)[];
  readonly place: Place | undefined;
  /** What draws the run again. */
  readonly seed: Seed | readonly Seed[];
}

const PLACED = /^\s*(\d+(?:\s*,\s*\d+)*)\s*@\s*([\d.]+(?:\s*,\s*[\d.]+)?)\s*$/;
const ALLOWED = 'a whole number from 0 to 2^64 - 1, or a place between seeds, such as "1,2@0.5"';

/** A whole number below 2^32. */
export function randomSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]!;
}

function checkSeed(seed: unknown): number | bigint {
  const isValid =
    typeof seed === 'bigint'
      ? seed >= 0n && seed < 1n << 64n
      : Number.isInteger(seed) && (seed as number) >= 0 && (seed as number) < 2 ** 64;
  if (!isValid) throw invalidOption('seed', seed, ALLOWED);
  return seed as number | bigint;
}

/** A whole number as text, exact above 2^53. */
function toSeed(text: string): number | bigint {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
}

/** Two or four seeds and a place among them; undefined for text that names none. */
export function parsePlace(
  text: string,
): { readonly ends: readonly (number | bigint)[]; readonly place: Place } | undefined {
  const [, ends = '', at = ''] = PLACED.exec(text) ?? [];
  const seeds = ends
    .split(',')
    .filter(Boolean)
    .map((each) => toSeed(each.trim()));
  const shares = at.split(',').map(Number);
  const fits = seeds.length === 2 * shares.length && shares.every((u) => u >= 0 && u <= 1);
  if (!fits) return undefined;
  const [x = 0, y] = shares;
  return { ends: seeds, place: y === undefined ? x : [x, y] };
}

/** The text of a place between two seeds or among four. */
export function placeText(ends: readonly (number | bigint)[], place: Place): string {
  return `${ends.join(',')}@${[place].flat().join(',')}`;
}

/** @throws DiffusionError `invalid-option` */
export function readSeeds(seed: Seed | readonly Seed[] | undefined): Seeds {
  if (typeof seed === 'string') {
    const placed = parsePlace(seed);
    if (!placed) throw invalidOption('seed', seed, ALLOWED);
    return { seeds: placed.ends.map(checkSeed), place: placed.place, seed };
  }
  if (Array.isArray(seed)) {
    const seeds = (seed as readonly unknown[]).map(checkSeed);
    return { seeds, place: undefined, seed: seeds.length === 1 ? seeds[0]! : seeds };
  }
  const one = checkSeed(seed ?? randomSeed());
  return { seeds: [one], place: undefined, seed: one };
}

/** Other noise of as many seeds, at the same place: for the windows of one picture. */
export function shiftSeeds({ seeds, place }: Seeds, by: number): Seed | readonly Seed[] {
  const shifted = seeds.map((seed) => BigInt.asUintN(64, BigInt(seed) + BigInt(by)));
  return place === undefined ? shifted : placeText(shifted, place);
}
