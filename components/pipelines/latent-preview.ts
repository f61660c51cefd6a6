import { ArenaTensor } from '../kernels/arena.js';
import { kernels } from '../kernels/kernels.js';
import type { Session } from '../runtime/session.js';
import { TorchGenerator } from '../schedulers/generator.js';
import { decodeLatents } from './latents.js';
import type { AutoencoderPlan } from './plan-parts.js';
import { toPictures } from './pictures.js';
import type { Picture } from '../pictures/picture.js';

/** Latents a side of the noise that is decoded, where the decoder takes any size, and of its patches of one value. */
const SIDE = 16;
const PATCH = 4;
/** Keeps the fit from following single values. */
const RIDGE = 1e-3;

/** Latents as a small picture, a pixel for each: a linear map of their channels to red, green and blue. */
export class LatentPreview {
  /** @param factors of each colour: a weight for each channel, then a constant; in -1 to 1 */
  constructor(readonly factors: readonly (readonly number[])[]) {}

  /** Fits the map to what the decoder makes of noise. */
  static async fit(
    session: Session,
    plan: AutoencoderPlan,
    signal?: AbortSignal,
  ): Promise<LatentPreview> {
    const [, , height, width] = session.inputs[0]?.shape ?? [];
    const side = (fixed: unknown) => (typeof fixed === 'number' ? fixed : SIDE);
    const latents = new ArenaTensor([1, plan.channels, side(height), side(width)]);
    patches(latents);
    const decoded = await decodeLatents(session, latents, plan, signal);
    try {
      return new LatentPreview(leastSquares(latents, decoded, plan.factor));
    } finally {
      latents.release();
      decoded.release();
    }
  }

  /** The pictures of a batch of latents. */
  show(latents: ArenaTensor): Picture[] {
    const [count = 1, channels = 1, height = 1, width = 1] = latents.dims;
    const area = height * width;
    const rgb = new ArenaTensor([count, 3, height, width]);
    const k = kernels();
    for (let item = 0; item < count; item++) {
      const plane = (channel: number) => latents.pointer + 4 * (item * channels + channel) * area;
      this.factors.forEach((weights, colour) => {
        const out = rgb.pointer + 4 * (item * 3 + colour) * area;
        new Float32Array(k.memory.buffer, out, area).fill(weights[channels]!);
        for (let channel = 0; channel < channels; channel++) {
          k.combine2(out, out, 1, plane(channel), weights[channel]!, area);
        }
      });
    }
    const pictures = toPictures(rgb);
    rgb.release();
    return pictures;
  }
}

/** Noise in patches: what is decoded from single values says little of areas. */
function patches(latents: ArenaTensor): void {
  const [, channels = 1, height = 1, width = 1] = latents.dims;
  const generator = new TorchGenerator(0);
  const noise = generator.randn(channels * height * width);
  generator.release();
  for (let i = 0; i < noise.length; i++) {
    const [x, y] = [i % width, Math.floor(i / width) % height];
    const plane = Math.floor(i / (width * height)) * width * height;
    latents.data[i] = noise[plane + (y - (y % PATCH)) * width + (x - (x % PATCH))]!;
  }
}

function leastSquares(latents: ArenaTensor, decoded: ArenaTensor, factor: number): number[][] {
  const [, channels = 1, height = 1, width = 1] = latents.dims;
  const area = height * width;
  const size = channels + 1;
  const value = (channel: number, i: number) =>
    channel === channels ? 1 : latents.data[channel * area + i]!;
  const products = Array.from({ length: size }, (_, row) =>
    Array.from({ length: size }, (_, column) => {
      let sum = row === column ? RIDGE * area : 0;
      for (let i = 0; i < area; i++) sum += value(row, i) * value(column, i);
      return sum;
    }),
  );
  return [0, 1, 2].map((colour) => {
    const right = Array.from({ length: size }, (_, row) => {
      let sum = 0;
      for (let i = 0; i < area; i++)
        sum += value(row, i) * meanOf(decoded, colour, i, width, factor);
      return sum;
    });
    return solve(products, right);
  });
}

/** The mean of the pixels that a latent stands for. */
function meanOf(
  { data, dims }: ArenaTensor,
  colour: number,
  i: number,
  columns: number,
  factor: number,
): number {
  const [, , height = 1, width = 1] = dims;
  const [left, top] = [(i % columns) * factor, Math.floor(i / columns) * factor];
  let sum = 0;
  for (let y = top; y < top + factor; y++) {
    for (let x = left; x < left + factor; x++) sum += data[(colour * height + y) * width + x]!;
  }
  return sum / factor ** 2;
}

/** Gauss's elimination, for a symmetric positive matrix. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  const size = rows.length;
  for (let pivot = 0; pivot < size; pivot++) {
    for (let row = pivot + 1; row < size; row++) {
      const share = rows[row]![pivot]! / rows[pivot]![pivot]!;
      for (let column = pivot; column <= size; column++) {
        rows[row]![column]! -= share * rows[pivot]![column]!;
      }
    }
  }
  const solution = Array<number>(size).fill(0);
  for (let row = size - 1; row >= 0; row--) {
    let rest = rows[row]![size]!;
    for (let column = row + 1; column < size; column++)
      rest -= rows[row]![column]! * solution[column]!;
    solution[row] = rest / rows[row]![row]!;
  }
  return solution;
}
