// The kernels behind the elements that explain: a frame of the forward process, and spherical interpolation.
import { ArenaTensor } from '../../components/kernels/arena.js';
import { ForwardProcess } from '../../components/pictures/forward-process.js';
import { slerp } from '../../components/pipelines/interpolation.js';
import { TorchGenerator } from '../../components/schedulers/index.js';
import { atLeast, atMost, median, ratio, time, type Row } from './measure.js';

const SIDE = 512;
const FRAMES = 60;
const CALLS = 100;

/** Milliseconds from a slider's place to the bytes of a 512 x 512 colour picture. */
async function benchForward(): Promise<Row> {
  const data = Uint8ClampedArray.from({ length: 4 * SIDE * SIDE }, (_, i) => (i * 7919) % 256);
  const process = new ForwardProcess({ data, width: SIDE, height: SIDE }, 0);
  const times: number[] = [];
  for (let i = 0; i < FRAMES; i++) {
    const angle = (i / FRAMES) * (Math.PI / 2);
    const level = { alpha: Math.cos(angle), sigma: Math.sin(angle) };
    times.push(await time(() => process.at(level)));
  }
  process.release();
  return atMost('forward process, a frame of 512x512x3, ms', median(times), 4);
}

function plainSlerp(out: Float32Array, a: Float32Array, b: Float32Array, u: number): void {
  let [aa, bb, ab] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    aa += a[i]! * a[i]!;
    bb += b[i]! * b[i]!;
    ab += a[i]! * b[i]!;
  }
  const angle = Math.acos(ab / Math.sqrt(aa * bb));
  const [from, to] = [Math.sin((1 - u) * angle), Math.sin(u * angle)];
  const sine = Math.sin(angle);
  for (let i = 0; i < a.length; i++) out[i] = (from / sine) * a[i]! + (to / sine) * b[i]!;
}

async function benchSlerp(): Promise<Row> {
  const [a, b, out] = [1, 2, 3].map((seed) => {
    const tensor = new ArenaTensor([3, 64, 64]);
    new TorchGenerator(seed).fill(tensor);
    return tensor;
  }) as [ArenaTensor, ArenaTensor, ArenaTensor];
  const [ja, jb, jout] = [a.data.slice(), b.data.slice(), out.data.slice()] as const;
  const repeat = (task: () => void) => () => {
    for (let i = 0; i < CALLS; i++) task();
  };
  const measured = await ratio(
    repeat(() => plainSlerp(jout, ja, jb, 0.3)),
    repeat(() => slerp(out.pointer, a.pointer, b.pointer, 0.3, a.length)),
    21,
  );
  return atLeast('slerp on 3x64x64: JavaScript over kernels', measured.ratio, 2);
}

export async function benchExplaining(): Promise<Row[]> {
  return [await benchForward(), await benchSlerp()];
}
