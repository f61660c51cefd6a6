import { invalidOption } from '../errors.js';
import { kernels } from '../kernels/kernels.js';
import { ArenaTensor, scratch, type Tensor } from '../kernels/arena.js';

/** A source of Gaussian noise. */
export interface Generator {
  /** Fills the tensor with independent numbers of mean 0 and variance 1. */
  fill(tensor: Tensor): void;
}

const STATE_WORDS = 625;
const OUTPUT_SLOT = 0;
const released = new FinalizationRegistry<ArenaTensor>((state) => state.release());

/**
 * PyTorch's CPU generator: `new TorchGenerator(seed).randn(count)` gives the float32 numbers of
 * `torch.manual_seed(seed); torch.randn(count)`, across consecutive calls too.
 *
 * Seeds are whole numbers from 0 to 2^64 - 1, as number or bigint; PyTorch uses their low 32 bits.
 * Fewer than 16 numbers at once come in pairs from uniforms of 53 bits, and the second of a pair waits
 * for the next such call, as in PyTorch.
 */
export class TorchGenerator implements Generator {
  readonly #state = new ArenaTensor([STATE_WORDS]);
  #waiting: number | undefined;

  constructor(readonly seed: number | bigint) {
    const valid =
      typeof seed === 'bigint'
        ? seed >= 0n && seed < 1n << 64n
        : Number.isInteger(seed) && seed >= 0 && seed < 2 ** 64;
    if (!valid) throw invalidOption('seed', seed, 'a whole number from 0 to 2^64 - 1');
    kernels().seedGenerator(this.#state.pointer, Number(BigInt(seed) & 0xffffffffn));
    released.register(this, this.#state, this);
  }

  /** The next `count` numbers. */
  randn(count: number): Float32Array {
    if (!Number.isInteger(count) || count < 0) {
      throw invalidOption('count', count, 'a whole number, 0 or more');
    }
    const data = new Float32Array(count);
    this.fill({ data, dims: [count] });
    return data;
  }

  /** As many whole numbers from 0 to `end` - 1: those of `torch.randint(end, (out.length,))`. */
  randint(end: number, out: Int32Array): void {
    const { nextUint32 } = kernels();
    for (let i = 0; i < out.length; i++) out[i] = (nextUint32(this.#state.pointer) >>> 0) % end;
  }

  fill(tensor: Tensor): void {
    const { length } = tensor.data;
    if (length < 16) {
      for (let i = 0; i < length; i++) tensor.data[i] = this.#next();
    } else if (tensor instanceof ArenaTensor) {
      kernels().randn(this.#state.pointer, tensor.pointer, length);
    } else {
      const output = scratch(OUTPUT_SLOT, length);
      kernels().randn(this.#state.pointer, output.pointer, length);
      tensor.data.set(output.data.subarray(0, length));
    }
  }

  /** Frees the generator's state now rather than when it is collected; it must not be used after. */
  release(): void {
    released.unregister(this);
    this.#state.release();
  }

  /** One number of torch.randn(1): Box-Muller in double precision. */
  #next(): number {
    if (this.#waiting !== undefined) {
      const value = this.#waiting;
      this.#waiting = undefined;
      return value;
    }
    const u1 = this.#uniform();
    const u2 = this.#uniform();
    const radius = Math.sqrt(-2 * Math.log1p(-u2));
    const theta = 2 * Math.PI * u1;
    this.#waiting = radius * Math.sin(theta);
    return radius * Math.cos(theta);
  }

  /** Uniform in [0, 1), 53 bits. */
  #uniform(): number {
    const { nextUint32 } = kernels();
    const high = nextUint32(this.#state.pointer) >>> 0;
    const low = nextUint32(this.#state.pointer) >>> 0;
    return ((high & 0x1fffff) * 2 ** 32 + low) * 2 ** -53;
  }
}
