import { ArenaTensor } from '../kernels/arena.js';
import { kernels } from '../kernels/kernels.js';

const released = new FinalizationRegistry<ArenaTensor[]>((tensors) =>
  tensors.forEach((tensor) => tensor.release()),
);

/**
 * The last few arrays of a multistep method, newest first, in the kernels' memory. Slots are used in
 * turn, so nothing is allocated once all have been filled.
 */
export class History {
  readonly #slots: ArenaTensor[] = [];
  #newest = -1;
  /** How many arrays there are. */
  length = 0;

  constructor(readonly capacity: number) {
    released.register(this, this.#slots, this);
  }

  /** Forgets all arrays; their memory stays for the next ones. */
  clear(): void {
    this.length = 0;
  }

  /** Frees the memory now rather than when the history is collected; it must not be used after. */
  release(): void {
    released.unregister(this);
    this.#slots.forEach((slot) => slot.release());
  }

  /** Room for a new array of `size` values, which becomes number 0; the oldest gives way. */
  next(size: number): number {
    this.#newest = (this.#newest + 1) % this.capacity;
    let slot = this.#slots[this.#newest];
    if (!slot || slot.length < size) {
      slot?.release();
      slot = this.#slots[this.#newest] = new ArenaTensor([size]);
    }
    this.length = Math.min(this.length + 1, this.capacity);
    return slot.pointer;
  }

  /** Keeps a copy of an array. */
  push(pointer: number, size: number): void {
    const slot = this.next(size);
    kernels().combine2(slot, pointer, 1, pointer, 0, size);
  }

  /** A pointer to array number `age`: 0 is the newest. */
  at(age: number): number {
    const index = (this.#newest - age + this.capacity) % this.capacity;
    return this.#slots[index]!.pointer;
  }
}
