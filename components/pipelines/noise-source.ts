import type { ArenaTensor } from '../kernels/arena.js';
import { TorchGenerator, type Generator } from '../schedulers/generator.js';

/**
 * The random numbers of a run: of one generator for all pictures, or of one for each group of them, which then draws its rows
 * alone, as a list of generators does in diffusers.
 */
export class NoiseSource implements Generator {
  readonly #generators: readonly TorchGenerator[];

  constructor(seeds: readonly (number | bigint)[]) {
    this.#generators = seeds.map((seed) => new TorchGenerator(seed));
  }

  /** Whether pictures have generators of their own. */
  get isSplit(): boolean {
    return this.#generators.length > 1;
  }

  fill(tensor: ArenaTensor): void {
    const shares = this.#generators.length;
    this.#generators.forEach((generator, index) =>
      generator.fill(shares === 1 ? tensor : tensor.share(index, shares)),
    );
  }

  /** Numbers for the first picture alone. */
  fillFirst(tensor: ArenaTensor): void {
    this.#generators[0]!.fill(tensor);
  }

  release(): void {
    this.#generators.forEach((generator) => generator.release());
  }
}
