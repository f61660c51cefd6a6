// Each kernel against the same loop in plain JavaScript, and against the same C by clang where there is one.
import { ArenaTensor } from '../../components/kernels/arena.js';
import { kernels } from '../../components/kernels/kernels.js';
import { TorchGenerator } from '../../components/schedulers/index.js';
import { compileC } from './compile-c.js';
import { atLeast, atMost, ratio, type Row } from './measure.js';

const shapes: [string, number, number][] = [
  ['1x28x28', 1, 784],
  ['3x64x64', 3, 4096],
];
const PAIRS = 41;
/** Values that one timed batch of calls passes over. */
const BATCH = 2_000_000;

type Arrays = [
  ...[Float32Array, Float32Array, Float32Array, Float32Array, Float32Array, Float32Array],
];

interface Contest {
  readonly kernel: () => void;
  /** The same on ordinary arrays x, y, z, w, out and x0, as arguments, which V8 compiles best. */
  readonly plain: (...arrays: Arrays) => void;
}

function random(length: number, seed: number): ArenaTensor {
  const tensor = new ArenaTensor([length]);
  new TorchGenerator(seed).fill(tensor);
  return tensor;
}

/** MT19937 with 24-bit uniforms and Box-Muller in blocks of sixteen, as the kernel does it. */
function plainRandn(state: Uint32Array, out: Float32Array): void {
  let index = 624;
  const next = () => {
    if (index === 624) {
      for (let i = 0; i < 624; i++) {
        const mixed = (state[i]! & 0x80000000) | (state[(i + 1) % 624]! & 0x7fffffff);
        state[i] = state[(i + 397) % 624]! ^ (mixed >>> 1) ^ (mixed & 1 ? 0x9908b0df : 0);
      }
      index = 0;
    }
    let y = state[index++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return ((y ^ (y >>> 18)) & 0xffffff) / 16777216;
  };
  for (let i = 0; i < out.length; i++) out[i] = next();
  for (let block = 0; block + 16 <= out.length; block += 16) {
    for (let j = block; j < block + 8; j++) {
      const radius = Math.sqrt(-2 * Math.log(1 - out[j]!));
      const theta = 2 * Math.PI * out[j + 8]!;
      out[j] = radius * Math.cos(theta);
      out[j + 8] = radius * Math.sin(theta);
    }
  }
}

function plainDeviation(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  const mean = sum / values.length;
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i]! - mean) ** 2;
  return Math.sqrt(squares);
}

/** The quantile by sorting, which in V8 is native code. */
function plainThreshold(values: Float32Array, share: number, most: number): void {
  const sorted = values.map(Math.abs).sort();
  const at = share * (sorted.length - 1);
  const low = sorted[Math.floor(at)]!;
  const quantile = low + (at % 1) * (sorted[Math.ceil(at)]! - low);
  const s = Math.min(Math.max(quantile, 1), most);
  for (let i = 0; i < values.length; i++) values[i] = Math.max(-s, Math.min(s, values[i]!)) / s;
}

function contests(
  channels: number,
  area: number,
  tensors: readonly ArenaTensor[],
): Record<string, Contest> {
  const n = channels * area;
  const k = kernels();
  const [x, y, z, w, out, x0] = tensors as [
    ...[ArenaTensor, ArenaTensor, ArenaTensor, ArenaTensor, ArenaTensor, ArenaTensor],
  ];
  const rgba = new ArenaTensor([area]);
  const bytes = new Uint8ClampedArray(4 * area);
  const state = new ArenaTensor([625]);
  k.seedGenerator(state.pointer, 1);
  const plainState = new Uint32Array(state.data.buffer.slice(state.pointer, state.pointer + 2496));
  const p = { x: x.pointer, y: y.pointer, z: z.pointer, w: w.pointer, out: out.pointer };
  const clamp = (value: number) => Math.max(-1, Math.min(1, value));

  return {
    combine2: {
      kernel: () => k.combine2(p.out, p.x, 0.6, p.y, 0.8, n),
      plain(jx, jy, _jz, _jw, jout) {
        for (let i = 0; i < n; i++) jout[i] = 0.6 * jx[i]! + 0.8 * jy[i]!;
      },
    },
    combine3: {
      kernel: () => k.combine3(p.out, p.x, 0.6, p.y, 0.8, p.z, 0.1, n),
      plain(jx, jy, jz, _jw, jout) {
        for (let i = 0; i < n; i++) jout[i] = 0.6 * jx[i]! + 0.8 * jy[i]! + 0.1 * jz[i]!;
      },
    },
    combine4: {
      kernel: () => k.combine4(p.out, p.x, 0.6, p.y, 0.8, p.z, 0.1, p.w, 0.2, n),
      plain(jx, jy, jz, jw, jout) {
        for (let i = 0; i < n; i++) {
          jout[i] = 0.6 * jx[i]! + 0.8 * jy[i]! + 0.1 * jz[i]! + 0.2 * jw[i]!;
        }
      },
    },
    guide: {
      kernel: () => k.guide(p.out, p.x, p.y, 1.5, 1, n, n),
      plain(jx, jy, _jz, _jw, jout) {
        for (let i = 0; i < n; i++) jout[i] = jx[i]! + 1.5 * (jy[i]! - jx[i]!);
      },
    },
    predictOriginal: {
      kernel: () => k.predictOriginal(p.out, p.x, p.y, 1, n, n, 0.6, 0.8, 1),
      plain(jx, jy, _jz, _jw, jout) {
        for (let i = 0; i < n; i++) jout[i] = clamp(0.6 * jx[i]! + 0.8 * jy[i]!);
      },
    },
    'step (DDIM)': {
      kernel: () => k.step(p.out, x0.pointer, p.x, p.y, 0, 1, n, n, 0.6, 0.8, 1, 0.5, 0.3, 0.2, 0),
      plain(jx, jy, _jz, _jw, jout, jx0) {
        for (let i = 0; i < n; i++) {
          const original = clamp(0.6 * jx[i]! + 0.8 * jy[i]!);
          jx0[i] = original;
          jout[i] = 0.5 * original + 0.3 * jx[i]! + 0.2 * jy[i]!;
        }
      },
    },
    'step (DDPM)': {
      kernel: () =>
        k.step(p.out, x0.pointer, p.x, p.y, p.z, 1, n, n, 0.6, 0.8, 1, 0.5, 0.3, 0, 0.1),
      plain(jx, jy, jz, _jw, jout, jx0) {
        for (let i = 0; i < n; i++) {
          const original = clamp(0.6 * jx[i]! + 0.8 * jy[i]!);
          jx0[i] = original;
          jout[i] = 0.5 * original + 0.3 * jx[i]! + 0.1 * jz[i]!;
        }
      },
    },
    addRangeNoise: {
      kernel: () => k.addRangeNoise(p.out, p.x, p.y, 1, n, n, -9, -4),
      plain(jx, jy, _jz, _jw, jout) {
        for (let i = 0; i < n; i++) {
          jout[i]! += Math.exp(0.5 * (-9 + ((jx[i]! + 1) / 2) * 5)) * jy[i]!;
        }
      },
    },
    addLearnedNoise: {
      kernel: () => k.addLearnedNoise(p.out, x0.pointer, p.y, 1, n, n),
      plain(_jx, jy, _jz, _jw, jout, jx0) {
        for (let i = 0; i < n; i++) jout[i]! += Math.sqrt(jx0[i]!) * jy[i]!;
      },
    },
    rescaleGuidance: {
      kernel: () => k.rescaleGuidance(p.out, p.x, 0.7, 1, n, n),
      plain(jx, _jy, _jz, _jw, jout) {
        const factor = (0.7 * plainDeviation(jx)) / plainDeviation(jout) + 0.3;
        for (let i = 0; i < n; i++) jout[i]! *= factor;
      },
    },
    blend: {
      kernel: () => k.blend(p.out, p.x, 0.8, p.y, 0.6, p.z, n),
      plain(jx, jy, jz, _jw, jout) {
        for (let i = 0; i < n; i++) {
          const m = jz[i]!;
          jout[i] = m * (0.8 * jx[i]! + 0.6 * jy[i]!) + (1 - m) * jout[i]!;
        }
      },
    },
    threshold: {
      kernel: () => {
        k.combine2(p.out, p.x, 2, p.x, 0, n);
        k.threshold(p.out, 1, n, 0.995, 3);
      },
      plain(jx, _jy, _jz, _jw, jout) {
        for (let i = 0; i < n; i++) jout[i] = 2 * jx[i]!;
        plainThreshold(jout, 0.995, 3);
      },
    },
    randn: {
      kernel: () => k.randn(state.pointer, p.w, n),
      plain: (_x, _y, _z, jw) => plainRandn(plainState, jw),
    },
    toRgba: {
      kernel: () => k.toRgba(rgba.pointer, p.x, area, channels),
      plain(jx) {
        for (let i = 0; i < area; i++) {
          for (let c = 0; c < 3; c++) {
            bytes[4 * i + c] = jx[(channels === 3 ? c : 0) * area + i]! * 127.5 + 127.5;
          }
          bytes[4 * i + 3] = 255;
        }
      },
    },
    fromRgba: {
      kernel: () => k.fromRgba(p.z, rgba.pointer, area, channels),
      plain(_jx, _jy, jz) {
        for (let i = 0; i < area; i++) {
          const [r, g, b] = [bytes[4 * i]!, bytes[4 * i + 1]!, bytes[4 * i + 2]!];
          if (channels === 1) {
            jz[i] = (0.299 * r + 0.587 * g + 0.114 * b) / 127.5 - 1;
          } else {
            jz[i] = r / 127.5 - 1;
            jz[area + i] = g / 127.5 - 1;
            jz[2 * area + i] = b / 127.5 - 1;
          }
        }
      },
    },
  };
}

interface CContest {
  readonly kernel: () => void;
  readonly inC: (...pointers: number[]) => void;
  /** Which of the arrays both write. */
  readonly output: number;
}

/** By name; pointers are those of x, y, z, w, out and x0, in the order of `tensors`. */
function cContests(
  c: Readonly<Record<string, (...values: number[]) => void>>,
  channels: number,
  area: number,
  tensors: readonly ArenaTensor[],
): Record<string, CContest> {
  const n = channels * area;
  const k = kernels();
  const [x, y, z, w, out, x0] = tensors.map(({ pointer }) => pointer) as [
    ...[number, number, number, number, number, number],
  ];
  return {
    combine2: {
      kernel: () => k.combine2(out, x, 0.6, y, 0.8, n),
      inC: (cx, cy, _cz, _cw, cout) => c.combine2!(cout!, cx!, 0.6, cy!, 0.8, n),
      output: 4,
    },
    combine3: {
      kernel: () => k.combine3(out, x, 0.6, y, 0.8, z, 0.1, n),
      inC: (cx, cy, cz, _cw, cout) => c.combine3!(cout!, cx!, 0.6, cy!, 0.8, cz!, 0.1, n),
      output: 4,
    },
    combine4: {
      kernel: () => k.combine4(out, x, 0.6, y, 0.8, z, 0.1, w, 0.2, n),
      inC: (cx, cy, cz, cw, cout) => c.combine4!(cout!, cx!, 0.6, cy!, 0.8, cz!, 0.1, cw!, 0.2, n),
      output: 4,
    },
    predictOriginal: {
      kernel: () => k.predictOriginal(out, x, y, 1, n, n, 0.6, 0.8, 1),
      inC: (cx, cy, _cz, _cw, cout) => c.predictOriginal!(cout!, cx!, cy!, 0.6, 0.8, 1, n),
      output: 4,
    },
    'step (DDIM)': {
      kernel: () => k.step(out, x0, x, y, 0, 1, n, n, 0.6, 0.8, 1, 0.5, 0.3, 0.2, 0),
      inC: (cx, cy, _cz, _cw, cout, cx0) =>
        c.step!(cout!, cx0!, cx!, cy!, 0, 0.6, 0.8, 1, 0.5, 0.3, 0.2, 0, n),
      output: 4,
    },
    'step (DDPM)': {
      kernel: () => k.step(out, x0, x, y, z, 1, n, n, 0.6, 0.8, 1, 0.5, 0.3, 0, 0.1),
      inC: (cx, cy, cz, _cw, cout, cx0) =>
        c.step!(cout!, cx0!, cx!, cy!, cz!, 0.6, 0.8, 1, 0.5, 0.3, 0, 0.1, n),
      output: 4,
    },
    blend: {
      kernel: () => k.blend(out, x, 0.8, y, 0.6, z, n),
      inC: (cx, cy, cz, _cw, cout) => c.blend!(cout!, cx!, 0.8, cy!, 0.6, cz!, n),
      output: 4,
    },
    toRgba: {
      kernel: () => k.toRgba(out, x, area, channels),
      inC: (cx, _cy, _cz, _cw, cout) => c.toRgba!(cout!, cx!, area, channels),
      output: 4,
    },
  };
}

/** Those that are no more than a loop; the others hold functions that C has in libraries. */
async function benchOverC(): Promise<Row[]> {
  const c = compileC('test/bench/kernels.c');
  if (!c) return [];
  const rows: Row[] = [];
  for (const [shape, channels, area] of shapes) {
    const n = channels * area;
    const tensors = [1, 2, 3, 4, 5, 6].map((seed) => random(n, seed));
    const start = 1 << 20;
    // Arrays that lie a multiple of 4 KiB apart would wait for each other.
    const pointers = tensors.map((_, index) => start + index * (4 * n + 192));
    const inC = (index: number) => new Float32Array(c.memory.buffer, pointers[index], n);
    const calls = Math.ceil(BATCH / n);
    for (const [name, contest] of Object.entries(cContests(c.functions, channels, area, tensors))) {
      tensors.forEach(({ data }, index) => inC(index).set(data));
      contest.kernel();
      contest.inC(...pointers);
      const bits = (values: Float32Array) => new Uint32Array(values.buffer, values.byteOffset, n);
      const [ours, theirs] = [bits(tensors[contest.output]!.data), bits(inC(contest.output))];
      if (ours.some((value, i) => value !== theirs[i])) throw new Error(`C differs in ${name}`);
      const repeat = (task: () => void) => () => {
        for (let i = 0; i < calls; i++) task();
      };
      const measured = await ratio(
        repeat(contest.kernel),
        repeat(() => contest.inC(...pointers)),
        PAIRS,
      );
      rows.push(atMost(`${name} on ${shape}: kernel over the same C`, measured.ratio, 1.15));
    }
  }
  return rows;
}

export async function benchKernels(): Promise<Row[]> {
  const rows: Row[] = await benchOverC();
  for (const [shape, channels, area] of shapes) {
    const calls = Math.ceil(BATCH / (channels * area));
    const tensors = [1, 2, 3, 4, 5, 6].map((seed) => random(channels * area, seed));
    const arrays = tensors.map(({ data }) => data.slice()) as Arrays;
    for (const [name, { kernel, plain }] of Object.entries(contests(channels, area, tensors))) {
      const repeat = (task: () => void) => () => {
        for (let i = 0; i < calls; i++) task();
      };
      const measured = await ratio(
        repeat(() => plain(...arrays)),
        repeat(kernel),
        PAIRS,
      );
      rows.push(atLeast(`${name} on ${shape}: JavaScript over kernel`, measured.ratio, 2));
    }
  }
  return rows;
}
