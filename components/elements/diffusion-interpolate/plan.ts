import { invalidOption } from '../../errors.js';
import type { PlainOptions } from '../../worker/protocol.js';

export type Seed = number | bigint;

/** What the attributes ask for. */
export interface InterpolationAttributes {
  readonly frames?: number;
  readonly fourSeeds: string | null;
  readonly fromSeed?: Seed;
  readonly toSeed?: Seed;
  readonly toLabel?: string;
}

export interface Plan {
  readonly columns: number;
  readonly rows: number;
  readonly options: Pick<PlainOptions, 'interpolation' | 'label'>;
}

const DEFAULT_FRAMES = 12;
/** Between four seeds: in each direction. */
const DEFAULT_SIDE = 5;
const MOST_FRAMES = 64;

/**
 * The frames of a way between two ends, or of a map among four.
 *
 * @throws DiffusionError `invalid-option`
 */
export function planInterpolation(
  attributes: InterpolationAttributes,
  label: PlainOptions['label'],
): Plan {
  const { frames, fromSeed = 0, toSeed = 1, toLabel } = attributes;
  const fourSeeds = attributes.fourSeeds ?? '';
  const isMap = fourSeeds.trim() !== '';
  const most = isMap ? Math.sqrt(MOST_FRAMES) : MOST_FRAMES;
  const side = frames ?? (isMap ? DEFAULT_SIDE : DEFAULT_FRAMES);
  if (!Number.isInteger(side) || side < 2 || side > most) {
    throw invalidOption('frames', frames, `a whole number from 2 to ${most}`);
  }
  const places = Array.from({ length: side }, (_, i) => i / (side - 1));
  if (isMap) {
    const at = places.flatMap((y) => places.map((x) => [x, y] as const));
    const options = { label, interpolation: { between: readFour(fourSeeds), at } };
    return { columns: side, rows: side, options };
  }
  checkSeed('from-seed', fromSeed);
  checkSeed('to-seed', toSeed);
  const interpolation = { between: [fromSeed, toSeed], at: places };
  return {
    columns: side,
    rows: 1,
    options: { label: blend(label, toLabel, places), interpolation },
  };
}

function checkSeed(attribute: string, seed: Seed): void {
  const isWhole = typeof seed === 'bigint' || Number.isInteger(seed);
  if (isWhole && seed >= 0 && seed < 2 ** 64) return;
  throw invalidOption(attribute, seed, 'a whole number from 0 to 2^64 - 1');
}

function blend(
  label: PlainOptions['label'],
  toLabel: string | undefined,
  places: readonly number[],
): PlainOptions['label'] {
  if (!toLabel) return label;
  if (typeof label !== 'string' || !label) {
    throw invalidOption('label', label, 'the name of a class where to-label is given');
  }
  return places.map((to) => (label === toLabel ? label : { [label]: 1 - to, [toLabel]: to }));
}

function readFour(text: string): Seed[] {
  const words = text.trim().split(/[\s,]+/);
  if (words.length === 4 && words.every((word) => /^\d+$/.test(word))) {
    return words.map((word) => (Number.isSafeInteger(Number(word)) ? Number(word) : BigInt(word)));
  }
  throw invalidOption('four-seeds', text, 'four whole numbers, separated by spaces');
}
