// The kernels of training: the matrix product beside the same C by clang where there is one, and whole iterations.
import { ArenaTensor } from '../../components/kernels/arena.js';
import { kernels } from '../../components/kernels/kernels.js';
import { TorchGenerator } from '../../components/schedulers/index.js';
import { PointDenoiser } from '../../components/training/point-denoiser.js';
import { compileC } from './compile-c.js';
import { atLeast, atMost, ratio, time, type Row } from './measure.js';

const PAIRS = 41;
const CALLS = 60;

function random(dims: number[]): ArenaTensor {
  const tensor = new ArenaTensor(dims);
  new TorchGenerator(1).fill(tensor);
  return tensor;
}

function plainMatmul(
  out: Float32Array,
  a: Float32Array,
  b: Float32Array,
  m: number,
  n: number,
  k: number,
): void {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) sum += a[i * k + p]! * b[p * n + j]!;
      out[i * n + j] = sum;
    }
  }
}

async function benchMatmul(): Promise<Row[]> {
  const [m, n, k] = [256, 64, 64] as const;
  const [a, b, out] = [random([m, k]), random([k, n]), random([m, n])] as const;
  const repeat = (task: () => void) => () => {
    for (let i = 0; i < CALLS; i++) task();
  };
  const ours = repeat(() => kernels().matmul(out.pointer, a.pointer, k, 1, b.pointer, m, n, k));
  const [ja, jb, jout] = [a.data.slice(), b.data.slice(), out.data.slice()] as const;
  const plain = repeat(() => plainMatmul(jout, ja, jb, m, n, k));
  const overPlain = await ratio(plain, ours, 5);
  const rows = [
    atLeast(`matrix product ${m}x${k}x${n}: JavaScript over kernel`, overPlain.ratio, 2),
  ];
  const c = compileC('test/bench/matmul.c');
  if (!c) return rows;
  const start = 1 << 20;
  new Float32Array(c.memory.buffer, start, a.length).set(a.data);
  new Float32Array(c.memory.buffer, start + 4 * a.length, b.length).set(b.data);
  const outC = start + 4 * (a.length + b.length);
  const inC = repeat(() => c.functions.matmul!(outC, start, k, 1, start + 4 * a.length, m, n, k));
  const overC = await ratio(ours, inC, PAIRS);
  const same = new Float32Array(c.memory.buffer, outC, out.length);
  if (!out.data.every((value, i) => value === same[i])) throw new Error('C gives other numbers');
  return [...rows, atMost('matrix product: kernel over the same C by clang', overC.ratio, 1.25)];
}

/** 2,000 iterations of batch 256 on a network of three hidden layers of 64. */
async function benchIterations(): Promise<Row[]> {
  const points = random([2000, 2]).data.slice();
  const denoiser = new PointDenoiser({ points, width: 64, seed: 0 });
  const milliseconds = await time(() => {
    for (let i = 0; i < 2000; i++) denoiser.iterate({ learningRate: 1e-3, batchSize: 256 });
  });
  denoiser.release();
  return [
    atMost('2,000 training iterations, batch 256, 64-64-64, seconds', milliseconds / 1000, 10),
  ];
}

export async function benchTraining(): Promise<Row[]> {
  return [...(await benchMatmul()), ...(await benchIterations())];
}
