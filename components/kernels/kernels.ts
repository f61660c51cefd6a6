import { kernelsWasm } from './kernels-wasm.js';

/**
 * The kernels of `assembly/`, by their names there. Pointers are byte offsets into `memory`, lengths count
 * float32 values; formulas, shapes and aliasing stand in the comments of `assembly/`.
 */
export interface Kernels {
  readonly memory: WebAssembly.Memory;
  heapBase(): number;
  reserve(bytes: number): number;
  combine2(out: number, x: number, a: number, y: number, b: number, length: number): void;
  combine3(
    out: number,
    x: number,
    a: number,
    y: number,
    b: number,
    z: number,
    c: number,
    length: number,
  ): void;
  combine4(
    out: number,
    x: number,
    a: number,
    y: number,
    b: number,
    z: number,
    c: number,
    w: number,
    d: number,
    length: number,
  ): void;
  divide(out: number, x: number, d: number, length: number): void;
  guide(
    out: number,
    unconditional: number,
    conditional: number,
    scale: number,
    items: number,
    length: number,
    guided: number,
  ): void;
  rescaleGuidance(
    guided: number,
    conditional: number,
    share: number,
    items: number,
    stride: number,
    length: number,
  ): void;
  predictOriginal(
    x0: number,
    sample: number,
    model: number,
    items: number,
    length: number,
    stride: number,
    ps: number,
    pm: number,
    limit: number,
  ): void;
  step(
    prev: number,
    x0: number,
    sample: number,
    model: number,
    noise: number,
    items: number,
    length: number,
    stride: number,
    ps: number,
    pm: number,
    limit: number,
    a: number,
    b: number,
    c: number,
    d: number,
  ): void;
  addRangeNoise(
    sample: number,
    v: number,
    noise: number,
    items: number,
    length: number,
    stride: number,
    low: number,
    high: number,
  ): void;
  addLearnedNoise(
    sample: number,
    variance: number,
    noise: number,
    items: number,
    length: number,
    stride: number,
  ): void;
  threshold(x: number, items: number, length: number, ratio: number, most: number): void;
  blend(
    x: number,
    known: number,
    a: number,
    noise: number,
    b: number,
    mask: number,
    length: number,
  ): void;
  seedGenerator(state: number, seed: number): void;
  nextUint32(state: number): number;
  randn(state: number, out: number, length: number): void;
  toRgba(rgba: number, planes: number, area: number, channels: number): void;
  fromRgba(planes: number, rgba: number, area: number, channels: number): void;
  fromHalf(out: number, x: number, length: number): void;
  toHalf(out: number, x: number, length: number): void;
  dot(x: number, y: number, length: number): number;
  matmul(
    out: number,
    a: number,
    aRow: number,
    aColumn: number,
    b: number,
    m: number,
    n: number,
    k: number,
  ): void;
  transpose(out: number, x: number, m: number, n: number): void;
  addBias(x: number, bias: number, rows: number, width: number): void;
  sumRows(out: number, x: number, rows: number, width: number): void;
  silu(out: number, x: number, length: number): void;
  siluBackward(gradient: number, x: number, length: number): void;
  adam(
    w: number,
    g: number,
    m: number,
    v: number,
    rate: number,
    root: number,
    b1: number,
    b2: number,
    epsilon: number,
    length: number,
  ): void;
  noisePoints(
    out: number,
    x0: number,
    noise: number,
    timesteps: number,
    levels: number,
    embeddings: number,
    rows: number,
    width: number,
  ): void;
}

let instance: Kernels | undefined;

/** The kernels, instantiated on first use; they are small enough for that to be synchronous. */
export function kernels(): Kernels {
  if (!instance) {
    const bytes = Uint8Array.from(atob(kernelsWasm), (character) => character.charCodeAt(0));
    const module = new WebAssembly.Module(bytes);
    instance = new WebAssembly.Instance(module).exports as unknown as Kernels;
  }
  return instance;
}
