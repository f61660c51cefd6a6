/**
 * The sum of x[i] y[i] in double precision: four partial sums, of the values whose index leaves the same rest when divided
 * by four, added at the end as (0 + 2) + (1 + 3).
 */
export function dot(x: usize, y: usize, length: i32): f64 {
  const end = <usize>length << 2;
  const body = end & ~15;
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  let i: usize = 0;
  for (; i < body; i += 16) {
    const a = v128.load(x + i);
    const b = v128.load(y + i);
    low = f64x2.add(low, f64x2.mul(f64x2.promote_low_f32x4(a), f64x2.promote_low_f32x4(b)));
    const a2 = v128.shuffle<i32>(a, a, 2, 3, 2, 3);
    const b2 = v128.shuffle<i32>(b, b, 2, 3, 2, 3);
    high = f64x2.add(high, f64x2.mul(f64x2.promote_low_f32x4(a2), f64x2.promote_low_f32x4(b2)));
  }
  const sums = f64x2.add(low, high);
  let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  for (; i < end; i += 4) sum += <f64>load<f32>(x + i) * <f64>load<f32>(y + i);
  return sum;
}
