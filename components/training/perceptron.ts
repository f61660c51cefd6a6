import { ArenaTensor } from '../kernels/arena.js';
import { kernels } from '../kernels/kernels.js';
import type { Generator } from '../schedulers/generator.js';

/** A linear layer: where its parts stand among the parameters, in values. */
interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  readonly weights: number;
  readonly bias: number;
}

/** Blocks of parameters are whole vectors of four. */
const wholeVectors = (length: number) => (length + 3) & ~3;

/**
 * A multilayer perceptron with SiLU between its layers, and its backward pass. Weights are [inputs, outputs], drawn with a
 * variance of 1 / inputs; biases begin at 0. It holds buffers for so many rows at once; nothing is allocated after that.
 */
export class Perceptron {
  readonly #layers: readonly Layer[];
  /** Of each layer, what goes into the activation, and what comes out of it. */
  readonly #sums: readonly ArenaTensor[];
  readonly #activations: readonly ArenaTensor[];
  readonly #slopes: readonly [ArenaTensor, ArenaTensor];
  readonly #transposed: ArenaTensor;
  /** All weights and biases, and the gradient of the last `backward` by each. */
  readonly parameters: ArenaTensor;
  readonly gradients: ArenaTensor;

  constructor(
    readonly widths: readonly number[],
    rows: number,
    generator: Generator,
  ) {
    this.#layers = layersOf(widths);
    const { bias, outputs } = this.#layers.at(-1)!;
    const length = bias + wholeVectors(outputs);
    this.parameters = new ArenaTensor([length]);
    this.gradients = new ArenaTensor([length]);
    this.parameters.data.fill(0);
    this.gradients.data.fill(0);
    for (const layer of this.#layers) this.#draw(layer, generator);
    const widest = Math.max(...widths);
    this.#sums = widths.slice(1).map((width) => new ArenaTensor([rows, width]));
    this.#activations = widths.slice(1, -1).map((width) => new ArenaTensor([rows, width]));
    this.#slopes = [new ArenaTensor([rows, widest]), new ArenaTensor([rows, widest])];
    this.#transposed = new ArenaTensor([widest, widest]);
  }

  /** The output of the last layer, [count, outputs], valid until the next call; `input` is [count, inputs]. */
  forward(input: ArenaTensor, count: number): ArenaTensor {
    const k = kernels();
    let from = input.pointer;
    for (const [index, { inputs, outputs, weights, bias }] of this.#layers.entries()) {
      const sum = this.#sums[index]!.pointer;
      k.matmul(sum, from, inputs, 1, this.#parameter(weights), count, outputs, inputs);
      k.addBias(sum, this.#parameter(bias), count, outputs);
      const activation = this.#activations[index];
      if (!activation) break;
      k.silu(activation.pointer, sum, count * outputs);
      from = activation.pointer;
    }
    return this.#sums.at(-1)!;
  }

  /**
   * The gradients of all parameters, after a `forward` of the same rows.
   *
   * @param slope the gradient by the output, [count, outputs]
   */
  backward(input: ArenaTensor, slope: ArenaTensor, count: number): void {
    const k = kernels();
    let gradient = slope.pointer;
    for (let index = this.#layers.length - 1; index >= 0; index--) {
      const { inputs, outputs, weights, bias } = this.#layers[index]!;
      const from = index > 0 ? this.#activations[index - 1]!.pointer : input.pointer;
      k.matmul(this.#gradient(weights), from, 1, inputs, gradient, inputs, outputs, count);
      k.sumRows(this.#gradient(bias), gradient, count, outputs);
      if (index === 0) break;
      const earlier = this.#slopes[index % 2]!.pointer;
      const transposed = this.#transposed.pointer;
      k.transpose(transposed, this.#parameter(weights), inputs, outputs);
      k.matmul(earlier, gradient, outputs, 1, transposed, count, inputs, outputs);
      k.siluBackward(earlier, this.#sums[index - 1]!.pointer, count * inputs);
      gradient = earlier;
    }
  }

  release(): void {
    const own = [this.parameters, this.gradients, this.#transposed];
    for (const tensor of [...own, ...this.#sums, ...this.#activations, ...this.#slopes]) {
      tensor.release();
    }
  }

  #parameter(offset: number): number {
    return this.parameters.pointer + 4 * offset;
  }

  #gradient(offset: number): number {
    return this.gradients.pointer + 4 * offset;
  }

  #draw({ inputs, outputs, weights }: Layer, generator: Generator): void {
    const drawn = new ArenaTensor([inputs, outputs]);
    generator.fill(drawn);
    const scale = 1 / Math.sqrt(inputs);
    const { pointer, length } = drawn;
    kernels().combine2(this.#parameter(weights), pointer, scale, pointer, 0, length);
    drawn.release();
  }
}

function layersOf(widths: readonly number[]): Layer[] {
  let end = 0;
  return widths.slice(1).map((outputs, index) => {
    const inputs = widths[index]!;
    const weights = end;
    const bias = weights + wholeVectors(inputs * outputs);
    end = bias + wholeVectors(outputs);
    return { inputs, outputs, weights, bias };
  });
}
