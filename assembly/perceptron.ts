import { exp4 } from './math';

// What a multilayer perceptron needs besides matrix products: its inputs, its activation and its slope, and Adam.
// Rows of `width` values stand one after the other; lengths that are no multiple of four end with scalars.

// 1 / (1 + e^-x)
// @ts-ignore: decorator
@inline
function sigmoid4(x: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(x))));
}

/** x[row, j] += bias[j] */
export function addBias(x: usize, bias: usize, rows: i32, width: i32): void {
  const end = <usize>width << 2;
  const body = end & ~15;
  for (let row = 0; row < rows; row++) {
    let j: usize = 0;
    for (; j < body; j += 16) v128.store(x + j, f32x4.add(v128.load(x + j), v128.load(bias + j)));
    for (; j < end; j += 4) store<f32>(x + j, load<f32>(x + j) + load<f32>(bias + j));
    x += end;
  }
}

/** out[j] = the sum of x[row, j] over the rows: the gradient of a bias. */
export function sumRows(out: usize, x: usize, rows: i32, width: i32): void {
  const end = <usize>width << 2;
  memory.fill(out, 0, end);
  addRows(out, x, rows, end);
}

// @ts-ignore: decorator
@inline
function addRows(out: usize, x: usize, rows: i32, end: usize): void {
  const body = end & ~15;
  for (let row = 0; row < rows; row++) {
    let j: usize = 0;
    for (; j < body; j += 16) v128.store(out + j, f32x4.add(v128.load(out + j), v128.load(x + j)));
    for (; j < end; j += 4) store<f32>(out + j, load<f32>(out + j) + load<f32>(x + j));
    x += end;
  }
}

/** out[i] = x[i] sigmoid(x[i]) (SiLU, Hendrycks and Gimpel 2016) */
export function silu(out: usize, x: usize, length: i32): void {
  const end = <usize>length << 2;
  const body = end & ~15;
  let i: usize = 0;
  for (; i < body; i += 16) {
    const v = v128.load(x + i);
    v128.store(out + i, f32x4.mul(v, sigmoid4(v)));
  }
  for (; i < end; i += 4) {
    const v = f32x4.splat(load<f32>(x + i));
    store<f32>(out + i, f32x4.extract_lane(f32x4.mul(v, sigmoid4(v)), 0));
  }
}

// s (1 + x (1 - s)), s being sigmoid(x)
// @ts-ignore: decorator
@inline
function siluSlope4(x: v128): v128 {
  const one = f32x4.splat(1);
  const s = sigmoid4(x);
  return f32x4.mul(s, f32x4.add(one, f32x4.mul(x, f32x4.sub(one, s))));
}

/** gradient[i] *= the slope of SiLU at x[i] */
export function siluBackward(gradient: usize, x: usize, length: i32): void {
  const end = <usize>length << 2;
  const body = end & ~15;
  let i: usize = 0;
  for (; i < body; i += 16) {
    v128.store(gradient + i, f32x4.mul(v128.load(gradient + i), siluSlope4(v128.load(x + i))));
  }
  for (; i < end; i += 4) {
    const slope = f32x4.extract_lane(siluSlope4(f32x4.splat(load<f32>(x + i))), 0);
    store<f32>(gradient + i, load<f32>(gradient + i) * slope);
  }
}

/**
 * Adam (Kingma and Ba 2015, algorithm 1): m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2,
 * w -= rate m / (sqrt(v) root + epsilon). `rate` holds the learning rate over 1 - b1^t, `root` is 1 / sqrt(1 - b2^t).
 */
export function adam(
  w: usize, g: usize, m: usize, v: usize, rate: f32, root: f32, b1: f32, b2: f32, epsilon: f32, length: i32,
): void {
  const vb1 = f32x4.splat(b1);
  const vb2 = f32x4.splat(b2);
  const rest1 = f32x4.splat(1 - b1);
  const rest2 = f32x4.splat(1 - b2);
  const vrate = f32x4.splat(rate);
  const vroot = f32x4.splat(root);
  const veps = f32x4.splat(epsilon);
  const end = <usize>length << 2;
  // Parameters stand in blocks of whole vectors: what lies behind the last one belongs to nobody.
  for (let i: usize = 0; i < end; i += 16) {
    const gradient = v128.load(g + i);
    const mean = f32x4.add(f32x4.mul(vb1, v128.load(m + i)), f32x4.mul(rest1, gradient));
    const square = f32x4.mul(rest2, f32x4.mul(gradient, gradient));
    const variance = f32x4.add(f32x4.mul(vb2, v128.load(v + i)), square);
    v128.store(m + i, mean);
    v128.store(v + i, variance);
    const scale = f32x4.add(f32x4.mul(f32x4.sqrt(variance), vroot), veps);
    const change = f32x4.div(f32x4.mul(vrate, mean), scale);
    v128.store(w + i, f32x4.sub(v128.load(w + i), change));
  }
}

/**
 * The inputs of a denoiser of points: row i of `width` values is x_t = alpha x_0 + sigma noise (DDPM, eq. 4), two values,
 * then `width` - 2 values of the embedding of its timestep. `levels` holds alpha and sigma of each timestep, `embeddings`
 * its rows; `timesteps` are i32.
 */
export function noisePoints(
  out: usize, x0: usize, noise: usize, timesteps: usize, levels: usize, embeddings: usize, rows: i32, width: i32,
): void {
  const embedded = <usize>(width - 2) << 2;
  for (let row = 0; row < rows; row++) {
    const t = <usize>load<i32>(timesteps);
    const level = levels + (t << 3);
    const alpha = load<f32>(level);
    const sigma = load<f32>(level, 4);
    store<f32>(out, alpha * load<f32>(x0) + sigma * load<f32>(noise));
    store<f32>(out, alpha * load<f32>(x0, 4) + sigma * load<f32>(noise, 4), 4);
    memory.copy(out + 8, embeddings + t * embedded, embedded);
    out += 8 + embedded;
    x0 += 8;
    noise += 8;
    timesteps += 4;
  }
}
