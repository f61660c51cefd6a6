import { DiffusionError } from '../errors.js';
import { ArenaTensor, scratch, sizeOf } from '../kernels/arena.js';
import { kernels } from '../kernels/kernels.js';
import type { Feed, Port, Session } from '../runtime/session.js';

// Behind the slots of schedulers, loop and classifier.
const HALVES = 13;
const FLOATS = 14;

/** The first of these names that the ports have. */
export function findPort(ports: readonly Port[], names: readonly string[]): Port | undefined {
  for (const name of names) {
    const port = ports.find((each) => each.name === name);
    if (port) return port;
  }
  return undefined;
}

/** Whole numbers or fractions, as an input takes them: its values don't change from run to run. */
export function constantFeed(port: Port, values: ArrayLike<number>, dims: readonly number[]): Feed {
  return { data: convert(port, values), dims, isConstant: true };
}

function convert({ name, type }: Port, values: ArrayLike<number>): Feed['data'] {
  if (type === 'float32') return Float32Array.from(values);
  if (type === 'int32') return Int32Array.from(values, Math.round);
  if (type === 'int64') return BigInt64Array.from(values, (value) => BigInt(Math.round(value)));
  if (type === 'float16') return toHalves(Float32Array.from(values));
  throw unsupportedType(name, type);
}

function unsupportedType(name: string, type: string): DiffusionError {
  return new DiffusionError(
    'unsupported-model',
    `The network's input "${name}" is of type ${type || 'sequence'}: it must be float32, float16, int64 or int32.`,
  );
}

function toHalves(values: Float32Array): Uint16Array {
  const staged = scratch(HALVES, 2 * values.length);
  staged.data.set(values);
  const halves = staged.pointer + 4 * values.length;
  kernels().toHalf(halves, staged.pointer, values.length);
  return new Uint16Array(kernels().memory.buffer, halves, values.length).slice();
}

/** One number for all rows, such as the timestep, which changes from run to run. */
export class NumberFeed implements Feed {
  readonly data: Feed['data'];
  readonly dims: readonly number[];

  constructor(
    readonly port: Port,
    rows: number,
  ) {
    // A graph wants a single number, one for all rows, or one for each.
    const { shape } = port;
    this.dims = shape.length === 0 ? [] : [shape[0] === 1 ? 1 : rows];
    this.data = convert(port, new Float32Array(sizeOf(this.dims)));
  }

  set(value: number): void {
    const { data } = this;
    if (data instanceof BigInt64Array) data.fill(BigInt(Math.round(value)));
    else if (data instanceof Uint16Array)
      data.fill((convert(this.port, [value]) as Uint16Array)[0]!);
    else data.fill(data instanceof Int32Array ? Math.round(value) : value);
  }
}

/** A tensor of the kernels as an input takes it: itself, or its halves. */
export class TensorFeed implements Feed {
  readonly #halves: ArenaTensor | undefined;

  constructor(
    port: Port,
    readonly tensor: ArenaTensor,
  ) {
    if (port.type !== 'float32' && port.type !== 'float16') {
      throw unsupportedType(port.name, port.type);
    }
    if (port.type === 'float16') this.#halves = new ArenaTensor([Math.ceil(tensor.length / 2)]);
  }

  get dims(): readonly number[] {
    return this.tensor.dims;
  }

  get data(): Feed['data'] {
    const { tensor } = this;
    if (!this.#halves) return tensor.data;
    return new Uint16Array(kernels().memory.buffer, this.#halves.pointer, tensor.length);
  }

  /** To be called when the tensor holds other numbers. */
  update(): void {
    const { pointer, length } = this.tensor;
    if (this.#halves) kernels().toHalf(this.#halves.pointer, pointer, length);
  }

  /** Frees the halves; the tensor is the caller's. */
  release(): void {
    this.#halves?.release();
  }
}

/** A run's output, float32 or float16, as float32. */
export function toFloats(output: unknown): Float32Array {
  if (output instanceof Float32Array) return output;
  const { length } = output as Uint16Array;
  const floats = scratch(FLOATS, length);
  store(floats, 0, output, length);
  return floats.data.slice(0, length);
}

/** Puts `length` numbers of a run's output, float32 or float16, into a tensor at `offset`. */
export function store(tensor: ArenaTensor, offset: number, output: unknown, length: number): void {
  if (output instanceof Float32Array) {
    tensor.data.set(output.length === length ? output : output.subarray(0, length), offset);
    return;
  }
  const { buffer, byteOffset } = output as ArrayBufferView;
  const staged = scratch(HALVES, Math.ceil(length / 2));
  const halves = new Uint16Array(kernels().memory.buffer, staged.pointer, length);
  halves.set(new Uint16Array(buffer, byteOffset, length));
  kernels().fromHalf(tensor.pointer + 4 * offset, staged.pointer, length);
}

/** @throws `unsupported-model` where the network wants inputs that it is not given */
export function checkPorts(part: string, { inputs }: Session, given: readonly string[]): void {
  const missing = inputs.filter(({ name }) => !given.includes(name));
  if (missing.length === 0) return;
  const names = (ports: readonly Port[]) => ports.map(({ name }) => name).join(', ');
  throw new DiffusionError(
    'unsupported-model',
    `The ${part} takes the inputs ${names(inputs)}; this pipeline has nothing for ${names(missing)}.`,
  );
}

/** @throws `unsupported-model` where the graph fixes a size that is another than that of `dims` */
export function checkShape(part: string, { name, shape }: Port, dims: readonly number[]): void {
  const fits = dims.every((size, axis) => typeof shape[axis] !== 'number' || shape[axis] === size);
  if (fits && (shape.length === 0 || shape.length === dims.length)) return;
  throw new DiffusionError(
    'unsupported-model',
    `The ${part} takes "${name}" of shape [${shape.join(', ')}] only, and was given [${dims.join(', ')}].`,
  );
}
