import { ArenaTensor } from '../kernels/arena.js';
import type { Place, Seeds } from '../pictures/seeds.js';
import { TorchGenerator, type Generator } from '../schedulers/generator.js';
import { noiseAt } from './interpolation.js';

/**
 * The random numbers of a run: of one generator for all pictures, or of one for each group of them, which then draws its rows
 * alone, as a list of generators does in diffusers; or, at a place between seeds, what lies there between their numbers,
 * at each draw.
 */
export class NoiseSource implements Generator {
  readonly #generators: readonly TorchGenerator[];
  readonly #place: Place | undefined;
  #ends: ArenaTensor | undefined;

  /** @param count pictures of the run */
  constructor(
    { seeds, place }: Pick<Seeds, 'seeds' | 'place'>,
    readonly count: number,
  ) {
    this.#generators = seeds.map((seed) => new TorchGenerator(seed));
    this.#place = place;
  }

  /** Whether pictures have generators of their own. */
  get isSplit(): boolean {
    return this.#place === undefined && this.#generators.length > 1;
  }

  fill(tensor: ArenaTensor): void {
    if (this.#place !== undefined) return this.#fillBetween(tensor, this.count, this.#place);
    const shares = this.#generators.length;
    this.#generators.forEach((generator, index) =>
      generator.fill(shares === 1 ? tensor : tensor.share(index, shares)),
    );
  }

  /** Numbers for the first picture alone. */
  fillFirst(tensor: ArenaTensor): void {
    if (this.#place !== undefined) this.#fillBetween(tensor, 1, this.#place);
    else this.#generators[0]!.fill(tensor);
  }

  release(): void {
    this.#generators.forEach((generator) => generator.release());
    this.#ends?.release();
  }

  /** Each picture lies between those that the ends alone would have drawn. */
  #fillBetween({ pointer, length }: ArenaTensor, count: number, place: Place): void {
    const rows = this.#generators.length + 1;
    const ends = this.#endsOf(rows, length);
    this.#generators.forEach((generator, index) => generator.fill(ends.share(index, rows)));
    const size = length / count;
    for (let index = 0; index < count; index++) {
      const offset = 4 * index * size;
      const own = Array.from(
        { length: rows },
        (_, row) => ends.pointer + 4 * row * length + offset,
      );
      noiseAt(pointer + offset, own, place, size);
    }
  }

  /** A row for each end, and one to work in. */
  #endsOf(rows: number, length: number): ArenaTensor {
    if (this.#ends?.length !== rows * length) {
      this.#ends?.release();
      this.#ends = new ArenaTensor([rows, length]);
    }
    return this.#ends!;
  }
}
