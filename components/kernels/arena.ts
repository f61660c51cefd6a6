import { DiffusionError } from '../errors.js';
import { kernels } from './kernels.js';

/**
 * A dense float32 array, NCHW. `data` holds as many values as the product of `dims`; an `ort.Tensor` is one.
 */
export interface Tensor {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** The number of values that `dims` describe. */
export function sizeOf(dims: readonly number[]): number {
  return dims.reduce((product, n) => product * n, 1);
}

// Freed blocks, by their size in bytes, and the first byte never handed out.
const free = new Map<number, number[]>();
let top = 0;

function take(bytes: number): number {
  const reusable = free.get(bytes)?.pop();
  if (reusable !== undefined) return reusable;
  const { heapBase, reserve } = kernels();
  top ||= heapBase();
  const pointer = top;
  if (!reserve(pointer + bytes)) {
    throw new DiffusionError(
      'out-of-memory',
      `There is no room for ${bytes} more bytes of pictures: ask for fewer or smaller ones.`,
    );
  }
  top += bytes;
  return pointer;
}

function give(pointer: number, bytes: number): void {
  const blocks = free.get(bytes);
  if (blocks) blocks.push(pointer);
  else free.set(bytes, [pointer]);
}

/** Blocks whose sizes round up to the same number can replace each other. */
function roundUp(bytes: number): number {
  return Math.max(64, (bytes + 63) & ~63);
}

/**
 * A tensor in the kernels' linear memory. `data` is a view made anew when memory has grown: read it
 * from the tensor each time, don't keep it. After `release()` the memory belongs to others.
 */
export class ArenaTensor implements Tensor {
  readonly pointer: number;
  readonly length: number;
  #view: Float32Array | undefined;
  #released: boolean;

  constructor(
    readonly dims: readonly number[],
    owner?: ArenaTensor,
    first = 0,
  ) {
    this.length = sizeOf(dims);
    this.pointer = owner ? owner.pointer + 4 * first : take(roundUp(4 * this.length));
    this.#released = owner !== undefined;
  }

  /** The first items of this tensor as a tensor of its own over the same memory. */
  prefix(dims: readonly number[]): ArenaTensor {
    return new ArenaTensor(dims, this);
  }

  /** A share of this tensor's items, all shares being alike, as a tensor of its own over the same memory. */
  share(index: number, shares: number): ArenaTensor {
    const [items = 1, ...rest] = this.dims;
    const dims = [items / shares, ...rest];
    return new ArenaTensor(dims, this, (index * this.length) / shares);
  }

  get data(): Float32Array {
    const { buffer } = kernels().memory;
    if (this.#view?.buffer !== buffer) {
      this.#view = new Float32Array(buffer, this.pointer, this.length);
    }
    return this.#view!;
  }

  /** The same memory as RGBA bytes. */
  get bytes(): Uint8ClampedArray {
    return new Uint8ClampedArray(kernels().memory.buffer, this.pointer, 4 * this.length);
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    give(this.pointer, roundUp(4 * this.length));
  }
}

/** A tensor of its own with the same numbers. */
export function copyOf(tensor: ArenaTensor): ArenaTensor {
  const copy = new ArenaTensor(tensor.dims);
  copy.data.set(tensor.data);
  return copy;
}

/** Bytes of linear memory that the arena has handed out at least once. */
export function arenaBytes(): number {
  return top;
}

const staging: (ArenaTensor | undefined)[] = [];

/**
 * A pointer to a tensor's values for the next kernel call: its own where it already lies in linear
 * memory, else that of a copy in the staging slot of this number, which the next caller overwrites.
 */
export function stage(slot: number, tensor: Tensor): number {
  if (tensor instanceof ArenaTensor) return tensor.pointer;
  const { data } = tensor;
  if (data.buffer === kernels().memory.buffer) return data.byteOffset;
  const copy = scratch(slot, data.length);
  copy.data.set(data);
  return copy.pointer;
}

/** The staging slot of this number, with room for `length` values or more; they hold anything. */
export function scratch(slot: number, length: number): ArenaTensor {
  let tensor = staging[slot];
  if (!tensor || tensor.length < length) {
    tensor?.release();
    tensor = staging[slot] = new ArenaTensor([length]);
  }
  return tensor;
}
