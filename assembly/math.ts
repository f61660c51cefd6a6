// Four-lane logarithm, exponential, sine and cosine after Moshier's Cephes library (single precision),
// the polynomials that PyTorch's vectorized CPU kernels use too. Inlined; never exported.

// @ts-ignore: decorator
@inline
function polynomialStep(y: v128, x: v128, c: f32): v128 {
  return f32x4.add(f32x4.mul(y, x), f32x4.splat(c));
}

/** Natural logarithm of finite x >= 2^-126. */
// @ts-ignore: decorator
@inline
export function log4(x: v128): v128 {
  const one = f32x4.splat(1);
  let exponent = f32x4.convert_i32x4_s(
    i32x4.sub(i32x4.shr_u(x, 23), i32x4.splat(126)),
  );
  // The mantissa, in [0.5, 1).
  x = v128.or(v128.and(x, i32x4.splat(0x007fffff)), i32x4.splat(0x3f000000));
  const small = f32x4.lt(x, f32x4.splat(0.707106781186547524));
  exponent = f32x4.sub(exponent, v128.and(small, one));
  x = f32x4.add(f32x4.sub(x, one), v128.and(small, x));
  const z = f32x4.mul(x, x);
  let y = f32x4.splat(7.0376836292e-2);
  y = polynomialStep(y, x, -1.151461031e-1);
  y = polynomialStep(y, x, 1.167699874e-1);
  y = polynomialStep(y, x, -1.2420140846e-1);
  y = polynomialStep(y, x, 1.4249322787e-1);
  y = polynomialStep(y, x, -1.6668057665e-1);
  y = polynomialStep(y, x, 2.0000714765e-1);
  y = polynomialStep(y, x, -2.4999993993e-1);
  y = polynomialStep(y, x, 3.3333331174e-1);
  y = f32x4.mul(f32x4.mul(y, x), z);
  y = f32x4.add(y, f32x4.mul(exponent, f32x4.splat(-2.1219444e-4)));
  y = f32x4.sub(y, f32x4.mul(z, f32x4.splat(0.5)));
  return f32x4.add(f32x4.add(x, y), f32x4.mul(exponent, f32x4.splat(0.693359375)));
}

/** e to the power x, for x clamped to [-87, 88]. */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  x = f32x4.min(f32x4.max(x, f32x4.splat(-87)), f32x4.splat(88));
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504088896341)));
  x = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)));
  x = f32x4.sub(x, f32x4.mul(n, f32x4.splat(-2.12194440e-4)));
  let y = f32x4.splat(1.9875691500e-4);
  y = polynomialStep(y, x, 1.3981999507e-3);
  y = polynomialStep(y, x, 8.3334519073e-3);
  y = polynomialStep(y, x, 4.1665795894e-2);
  y = polynomialStep(y, x, 1.6666665459e-1);
  y = polynomialStep(y, x, 5.0000001201e-1);
  y = f32x4.add(f32x4.add(f32x4.mul(y, f32x4.mul(x, x)), x), f32x4.splat(1));
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return f32x4.mul(y, power);
}

// The octant of x, rounded up to even, as integers: x is then within pi/4 of octant * pi/4.
// @ts-ignore: decorator
@inline
function octant(x: v128): v128 {
  const j = i32x4.trunc_sat_f32x4_s(f32x4.mul(x, f32x4.splat(1.27323954473516)));
  return v128.and(i32x4.add(j, i32x4.splat(1)), i32x4.splat(~1));
}

// x minus octant * pi/4, in three parts of extended precision.
// @ts-ignore: decorator
@inline
function reduce(x: v128, j: v128): v128 {
  const y = f32x4.convert_i32x4_s(j);
  x = f32x4.add(x, f32x4.mul(y, f32x4.splat(-0.78515625)));
  x = f32x4.add(x, f32x4.mul(y, f32x4.splat(-2.4187564849853515625e-4)));
  return f32x4.add(x, f32x4.mul(y, f32x4.splat(-3.77489497744594108e-8)));
}

// @ts-ignore: decorator
@inline
function cosinePolynomial(z: v128): v128 {
  let y = f32x4.splat(2.443315711809948e-5);
  y = polynomialStep(y, z, -1.388731625493765e-3);
  y = polynomialStep(y, z, 4.166664568298827e-2);
  y = f32x4.mul(f32x4.mul(y, z), z);
  return f32x4.add(f32x4.sub(y, f32x4.mul(z, f32x4.splat(0.5))), f32x4.splat(1));
}

// @ts-ignore: decorator
@inline
function sinePolynomial(x: v128, z: v128): v128 {
  let y = f32x4.splat(-1.9515295891e-4);
  y = polynomialStep(y, z, 8.3321608736e-3);
  y = polynomialStep(y, z, -1.6666654611e-1);
  return f32x4.add(f32x4.mul(f32x4.mul(y, z), x), x);
}

/** Sine of x in [0, 8192). */
// @ts-ignore: decorator
@inline
export function sin4(x: v128): v128 {
  const j = octant(x);
  const r = reduce(x, j);
  const z = f32x4.mul(r, r);
  const swap = i32x4.eq(v128.and(j, i32x4.splat(2)), i32x4.splat(2));
  const sign = i32x4.shl(v128.and(j, i32x4.splat(4)), 29);
  return v128.xor(v128.bitselect(cosinePolynomial(z), sinePolynomial(r, z), swap), sign);
}

/** Cosine of x in [0, 8192). */
// @ts-ignore: decorator
@inline
export function cos4(x: v128): v128 {
  const j = octant(x);
  const r = reduce(x, j);
  const z = f32x4.mul(r, r);
  const swap = i32x4.eq(v128.and(j, i32x4.splat(2)), i32x4.splat(2));
  const sign = i32x4.shl(v128.andnot(i32x4.splat(4), i32x4.sub(j, i32x4.splat(2))), 29);
  return v128.xor(v128.bitselect(sinePolynomial(r, z), cosinePolynomial(z), swap), sign);
}
