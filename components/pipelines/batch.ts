import { invalidOption } from '../errors.js';

/** A value for all pictures, or one for each of a batch. */
export type OneOrEach<T> = T | readonly T[];

/** How many pictures a run makes: a batch of different ones, each so many times, those of one kind side by side. */
export interface BatchSize {
  readonly batch: number;
  /** Pictures of each (`num_images_per_prompt` of diffusers). */
  readonly each: number;
  readonly total: number;
}

const asList = (value: unknown): readonly unknown[] | undefined =>
  Array.isArray(value) ? (value as readonly unknown[]) : undefined;

/**
 * The size of a batch from the lists among the options, which must be as long as each other.
 *
 * @throws DiffusionError `invalid-option`
 */
export function batchSize(
  options: Readonly<Record<string, unknown>>,
  seeds: unknown,
  count: number | undefined,
): BatchSize {
  const lists = Object.entries(options).flatMap(([name, value]) => {
    const list = asList(value);
    return list ? [{ name, length: list.length }] : [];
  });
  const [first] = lists;
  const other = lists.find(({ length }) => length !== first!.length);
  if (other) {
    const allowed = `one for all pictures, or as many as "${first!.name}" has, ${first!.length}`;
    throw invalidOption(other.name, `a list of ${other.length}`, allowed);
  }
  const batch = first?.length ?? 1;
  const seedCount = asList(seeds)?.length;
  const each = count ?? (seedCount && !first ? seedCount : 1);
  const total = batch * each;
  if (seedCount !== undefined && seedCount !== total && seedCount !== batch) {
    throw invalidOption('seed', `a list of ${seedCount}`, `one seed, or one for each of ${total}`);
  }
  return { batch, each, total };
}

/** The value of each picture. */
export function perPicture<T>(value: OneOrEach<T>, { batch, each }: BatchSize): T[] {
  const list = asList(value) as readonly T[] | undefined;
  const kinds = list ?? Array<T>(batch).fill(value as T);
  return kinds.flatMap((kind) => Array<T>(each).fill(kind));
}
