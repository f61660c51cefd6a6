// Between float32 and float16 (IEEE 754 binary16). Lengths count values; the buffers may not overlap.

// Four halves, each in the low 16 bits of a lane, to float32.
// @ts-ignore: decorator
@inline
function widen4(h: v128): v128 {
  const shiftedExponent = i32x4.splat(0x0f800000);
  const bits = i32x4.shl(v128.and(h, i32x4.splat(0x7fff)), 13);
  const exponent = v128.and(bits, shiftedExponent);
  const based = i32x4.add(bits, i32x4.splat((127 - 15) << 23));
  const infinite = i32x4.add(based, i32x4.splat((128 - 16) << 23));
  // Subnormal: counted up from 2^-14 without its leading one.
  const smallest = i32x4.splat(113 << 23);
  const subnormal = f32x4.sub(i32x4.add(based, i32x4.splat(1 << 23)), smallest);
  const isInfinite = i32x4.eq(exponent, shiftedExponent);
  const isSubnormal = i32x4.eq(exponent, i32x4.splat(0));
  const value = v128.bitselect(
    infinite,
    v128.bitselect(subnormal, based, isSubnormal),
    isInfinite,
  );
  return v128.or(value, i32x4.shl(v128.and(h, i32x4.splat(0x8000)), 16));
}

// Four float32 to halves in the low 16 bits of each lane, to the nearest, halves to even.
// @ts-ignore: decorator
@inline
function narrow4(f: v128): v128 {
  const sign = v128.and(f, i32x4.splat(0x80000000));
  const bits = v128.xor(f, sign);
  const nan = i32x4.gt_s(bits, i32x4.splat(255 << 23));
  const infinite = v128.or(
    i32x4.splat(0x7c00),
    v128.and(nan, i32x4.splat(0x0200)),
  );
  // The adder rounds what is too small for an exponent of its own.
  const magic = i32x4.splat(((127 - 15) + (23 - 10) + 1) << 23);
  const subnormal = i32x4.sub(f32x4.add(bits, magic), magic);
  const odd = v128.and(i32x4.shr_u(bits, 13), i32x4.splat(1));
  const rounded = i32x4.add(
    i32x4.add(bits, i32x4.splat(((15 - 127) << 23) + 0xfff)),
    odd,
  );
  const normal = i32x4.shr_u(rounded, 13);
  const isLarge = i32x4.ge_s(bits, i32x4.splat((127 + 16) << 23));
  const isSmall = i32x4.lt_s(bits, i32x4.splat(113 << 23));
  const value = v128.bitselect(
    infinite,
    v128.bitselect(subnormal, normal, isSmall),
    isLarge,
  );
  return v128.or(value, i32x4.shr_u(sign, 16));
}

/** out[i] = x[i]; `x` holds halves. */
export function fromHalf(out: usize, x: usize, length: i32): void {
  const body = length & ~7;
  let i: usize = 0;
  for (; i < <usize>body; i += 8) {
    const halves = v128.load(x + (i << 1));
    v128.store(out + (i << 2), widen4(i32x4.extend_low_i16x8_u(halves)));
    v128.store(out + (i << 2) + 16, widen4(i32x4.extend_high_i16x8_u(halves)));
  }
  for (; i < <usize>length; i++) {
    const value = widen4(i32x4.splat(<i32>load<u16>(x + (i << 1))));
    store<f32>(out + (i << 2), f32x4.extract_lane(value, 0));
  }
}

/** out[i] = x[i], rounded to halves; beyond 65504 infinite. */
export function toHalf(out: usize, x: usize, length: i32): void {
  const body = length & ~7;
  let i: usize = 0;
  for (; i < <usize>body; i += 8) {
    const low = narrow4(v128.load(x + (i << 2)));
    const high = narrow4(v128.load(x + (i << 2) + 16));
    v128.store(out + (i << 1), i16x8.narrow_i32x4_u(low, high));
  }
  for (; i < <usize>length; i++) {
    const half = narrow4(f32x4.splat(load<f32>(x + (i << 2))));
    store<u16>(out + (i << 1), <u16>i32x4.extract_lane(half, 0));
  }
}
