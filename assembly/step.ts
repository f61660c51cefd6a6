import { exp4 } from './math';

// One step of a reverse process, over a batch of `items` samples of `length` values. Item n of the model's
// output starts at n `stride` values, since a learned variance stands behind each item's prediction;
// every other array is dense. `prev` and `x0` may be `sample`; nothing else may alias.

// @ts-ignore: decorator
@inline
function clamp4(x: v128, limit: v128): v128 {
  return f32x4.pmax(f32x4.pmin(x, limit), f32x4.neg(limit));
}

/**
 * The predicted original sample: x0[i] = clip(ps sample[i] + pm model[i]), to [-limit, limit];
 * an infinite limit clips nothing.
 */
export function predictOriginal(
  x0: usize, sample: usize, model: usize,
  items: i32, length: i32, stride: i32, ps: f32, pm: f32, limit: f32,
): void {
  const vps = f32x4.splat(ps);
  const vpm = f32x4.splat(pm);
  const vlimit = f32x4.splat(limit);
  const end = <usize>length << 2;
  const body = end & ~15;
  for (let item = 0; item < items; item++) {
    let i: usize = 0;
    for (; i < body; i += 16) {
      const sum = f32x4.add(f32x4.mul(vps, v128.load(sample + i)), f32x4.mul(vpm, v128.load(model + i)));
      v128.store(x0 + i, clamp4(sum, vlimit));
    }
    for (; i < end; i += 4) {
      const sum = ps * load<f32>(sample + i) + pm * load<f32>(model + i);
      store<f32>(x0 + i, max<f32>(min<f32>(sum, limit), -limit));
    }
    x0 += end;
    sample += end;
    model += <usize>stride << 2;
  }
}

/**
 * Predicts the original sample as above, then
 * prev[i] = a x0[i] + b sample[i] + c model[i] + d noise[i]; a `noise` of 0 adds none.
 */
export function step(
  prev: usize, x0: usize, sample: usize, model: usize, noise: usize,
  items: i32, length: i32, stride: i32, ps: f32, pm: f32, limit: f32,
  a: f32, b: f32, c: f32, d: f32,
): void {
  const vps = f32x4.splat(ps);
  const vpm = f32x4.splat(pm);
  const vlimit = f32x4.splat(limit);
  const va = f32x4.splat(a);
  const vb = f32x4.splat(b);
  const vc = f32x4.splat(c);
  const vd = f32x4.splat(d);
  const end = <usize>length << 2;
  const body = end & ~15;
  for (let item = 0; item < items; item++) {
    let i: usize = 0;
    for (; i < body; i += 16) {
      const s = v128.load(sample + i);
      const m = v128.load(model + i);
      const original = clamp4(f32x4.add(f32x4.mul(vps, s), f32x4.mul(vpm, m)), vlimit);
      v128.store(x0 + i, original);
      let sum = f32x4.add(f32x4.mul(va, original), f32x4.mul(vb, s));
      sum = f32x4.add(sum, f32x4.mul(vc, m));
      if (noise) sum = f32x4.add(sum, f32x4.mul(vd, v128.load(noise + i)));
      v128.store(prev + i, sum);
    }
    for (; i < end; i += 4) {
      const s = load<f32>(sample + i);
      const m = load<f32>(model + i);
      const original = max<f32>(min<f32>(ps * s + pm * m, limit), -limit);
      store<f32>(x0 + i, original);
      let sum = a * original + b * s + c * m;
      if (noise) sum += d * load<f32>(noise + i);
      store<f32>(prev + i, sum);
    }
    prev += end;
    x0 += end;
    sample += end;
    model += <usize>stride << 2;
    if (noise) noise += end;
  }
}

/**
 * Noise of a variance learned as a position between two logarithms (Improved DDPM, eq. 15):
 * sample[i] += exp(0.5 (low + (v[i] + 1) / 2 (high - low))) noise[i].
 */
export function addRangeNoise(
  sample: usize, v: usize, noise: usize,
  items: i32, length: i32, stride: i32, low: f32, high: f32,
): void {
  // 0.5 (low + (v + 1) / 2 (high - low)) = offset + slope v
  const slope: f32 = 0.25 * (high - low);
  const offset: f32 = 0.5 * low + slope;
  const vslope = f32x4.splat(slope);
  const voffset = f32x4.splat(offset);
  const end = <usize>length << 2;
  const body = end & ~15;
  for (let item = 0; item < items; item++) {
    let i: usize = 0;
    for (; i < body; i += 16) {
      const deviation = exp4(f32x4.add(voffset, f32x4.mul(vslope, v128.load(v + i))));
      v128.store(sample + i, f32x4.add(v128.load(sample + i), f32x4.mul(deviation, v128.load(noise + i))));
    }
    for (; i < end; i += 4) {
      const deviation = f32x4.extract_lane(exp4(f32x4.splat(offset + slope * load<f32>(v + i))), 0);
      store<f32>(sample + i, load<f32>(sample + i) + deviation * load<f32>(noise + i));
    }
    sample += end;
    v += <usize>stride << 2;
    noise += end;
  }
}

/** Noise of a variance the model gives outright: sample[i] += sqrt(variance[i]) noise[i]. */
export function addLearnedNoise(
  sample: usize, variance: usize, noise: usize, items: i32, length: i32, stride: i32,
): void {
  const end = <usize>length << 2;
  const body = end & ~15;
  for (let item = 0; item < items; item++) {
    let i: usize = 0;
    for (; i < body; i += 16) {
      const deviation = f32x4.sqrt(v128.load(variance + i));
      v128.store(sample + i, f32x4.add(v128.load(sample + i), f32x4.mul(deviation, v128.load(noise + i))));
    }
    for (; i < end; i += 4) {
      const deviation: f32 = sqrt<f32>(load<f32>(variance + i));
      store<f32>(sample + i, load<f32>(sample + i) + deviation * load<f32>(noise + i));
    }
    sample += end;
    variance += <usize>stride << 2;
    noise += end;
  }
}
