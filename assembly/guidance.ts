/**
 * Classifier-free guidance (Ho and Salimans 2022, eq. 6):
 * out[i] = unconditional[i] + scale (conditional[i] - unconditional[i]).
 * Item n of `length` values starts at n `stride` in all three; only the first `guided` values of an item
 * are guided, the rest (a learned variance) are copied from the conditional. `out` may be either input.
 */
export function guide(
  out: usize,
  unconditional: usize,
  conditional: usize,
  scale: f32,
  items: i32,
  length: i32,
  guided: i32,
): void {
  const vs = f32x4.splat(scale);
  const stride = (<usize>length) << 2;
  const end = (<usize>guided) << 2;
  const body = end & ~15;
  for (let item = 0; item < items; item++) {
    let i: usize = 0;
    for (; i < body; i += 16) {
      const u = v128.load(unconditional + i);
      const difference = f32x4.sub(v128.load(conditional + i), u);
      v128.store(out + i, f32x4.add(u, f32x4.mul(vs, difference)));
    }
    for (; i < end; i += 4) {
      const u = load<f32>(unconditional + i);
      store<f32>(out + i, u + scale * (load<f32>(conditional + i) - u));
    }
    if (end < stride && out != conditional) {
      memory.copy(out + end, conditional + end, stride - end);
    }
    out += stride;
    unconditional += stride;
    conditional += stride;
  }
}

// The sum over four lanes.
// @ts-ignore: decorator
@inline
function lanes(x: v128): f32 {
  return (
    f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) +
    (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3))
  );
}

/** The standard deviation of `length` values, up to a factor that depends on the length alone. */
function deviation(x: usize, length: i32): f32 {
  const end = <usize>length << 2;
  const body = end & ~15;
  let sums = f32x4.splat(0);
  let i: usize = 0;
  for (; i < body; i += 16) sums = f32x4.add(sums, v128.load(x + i));
  let sum = lanes(sums);
  for (; i < end; i += 4) sum += load<f32>(x + i);
  const mean = sum / <f32>length;

  const vmean = f32x4.splat(mean);
  sums = f32x4.splat(0);
  for (i = 0; i < body; i += 16) {
    const rest = f32x4.sub(v128.load(x + i), vmean);
    sums = f32x4.add(sums, f32x4.mul(rest, rest));
  }
  sum = lanes(sums);
  for (; i < end; i += 4) {
    const rest = load<f32>(x + i) - mean;
    sum += rest * rest;
  }
  return sqrt<f32>(sum);
}

/**
 * Takes back a share of the contrast that guidance adds (Lin et al. 2024, arXiv:2305.08891, eq. 15 and 16):
 * guided[i] *= share deviation(conditional) / deviation(guided) + 1 - share, for the first `length` values of each
 * item; item n starts at n `stride` values in both.
 */
export function rescaleGuidance(
  guided: usize,
  conditional: usize,
  share: f32,
  items: i32,
  stride: i32,
  length: i32,
): void {
  const end = <usize>length << 2;
  const body = end & ~15;
  for (let item = 0; item < items; item++) {
    const spread = deviation(guided, length);
    const factor: f32 = spread > 0
      ? share * (deviation(conditional, length) / spread) + (1 - share)
      : 1;
    const vfactor = f32x4.splat(factor);
    let i: usize = 0;
    for (; i < body; i += 16) {
      v128.store(guided + i, f32x4.mul(vfactor, v128.load(guided + i)));
    }
    for (; i < end; i += 4) store<f32>(guided + i, factor * load<f32>(guided + i));
    guided += <usize>stride << 2;
    conditional += <usize>stride << 2;
  }
}
