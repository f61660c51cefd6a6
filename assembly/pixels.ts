// Between float planes, [channels, height, width] in [-1, 1], and bytes of RGBA. `area` is height x width.

// [-1, 1] to 0..255, halves to even; what lies outside is clipped.
// @ts-ignore: decorator
@inline
function quantize4(x: v128): v128 {
  const scaled = f32x4.add(f32x4.mul(x, f32x4.splat(127.5)), f32x4.splat(127.5));
  const clipped = f32x4.pmin(f32x4.pmax(scaled, f32x4.splat(0)), f32x4.splat(255));
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(clipped));
}

// @ts-ignore: decorator
@inline
function pack(red: v128, green: v128, blue: v128): v128 {
  const low = v128.or(red, i32x4.shl(green, 8));
  return v128.or(v128.or(low, i32x4.shl(blue, 16)), i32x4.splat(0xff000000));
}

/** One picture of 1 or 3 channels to opaque RGBA; a single channel becomes grey. */
export function toRgba(rgba: usize, planes: usize, area: i32, channels: i32): void {
  const plane = <usize>area << 2;
  const green = channels == 3 ? planes + plane : planes;
  const blue = channels == 3 ? green + plane : planes;
  const body = plane & ~15;
  let i: usize = 0;
  for (; i < body; i += 16) {
    const g = quantize4(v128.load(planes + i));
    const packed = channels == 3
      ? pack(g, quantize4(v128.load(green + i)), quantize4(v128.load(blue + i)))
      : pack(g, g, g);
    v128.store(rgba + i, packed);
  }
  for (; i < plane; i += 4) {
    const packed = pack(
      quantize4(f32x4.splat(load<f32>(planes + i))),
      quantize4(f32x4.splat(load<f32>(green + i))),
      quantize4(f32x4.splat(load<f32>(blue + i))),
    );
    store<i32>(rgba + i, i32x4.extract_lane(packed, 0));
  }
}

// Byte `shift` / 8 of four pixels, as 0..255 in float.
// @ts-ignore: decorator
@inline
function channel4(pixels: v128, shift: i32): v128 {
  return f32x4.convert_i32x4_u(v128.and(i32x4.shr_u(pixels, shift), i32x4.splat(255)));
}

// @ts-ignore: decorator
@inline
function normalize4(x: v128): v128 {
  return f32x4.sub(f32x4.mul(x, f32x4.splat(1.0 / 127.5)), f32x4.splat(1));
}

// Rec. 601 luma.
// @ts-ignore: decorator
@inline
function luma4(pixels: v128): v128 {
  const sum = f32x4.add(
    f32x4.mul(channel4(pixels, 0), f32x4.splat(0.299)),
    f32x4.mul(channel4(pixels, 8), f32x4.splat(0.587)),
  );
  return f32x4.add(sum, f32x4.mul(channel4(pixels, 16), f32x4.splat(0.114)));
}

/** RGBA to one picture of 1 (luma) or 3 channels; alpha is ignored. */
export function fromRgba(planes: usize, rgba: usize, area: i32, channels: i32): void {
  const plane = <usize>area << 2;
  const body = plane & ~15;
  let i: usize = 0;
  for (; i < body; i += 16) {
    const pixels = v128.load(rgba + i);
    if (channels == 1) {
      v128.store(planes + i, normalize4(luma4(pixels)));
    } else {
      v128.store(planes + i, normalize4(channel4(pixels, 0)));
      v128.store(planes + plane + i, normalize4(channel4(pixels, 8)));
      v128.store(planes + 2 * plane + i, normalize4(channel4(pixels, 16)));
    }
  }
  for (; i < plane; i += 4) {
    const pixel = i32x4.splat(load<i32>(rgba + i));
    if (channels == 1) {
      store<f32>(planes + i, f32x4.extract_lane(normalize4(luma4(pixel)), 0));
    } else {
      store<f32>(planes + i, f32x4.extract_lane(normalize4(channel4(pixel, 0)), 0));
      store<f32>(planes + plane + i, f32x4.extract_lane(normalize4(channel4(pixel, 8)), 0));
      store<f32>(planes + 2 * plane + i, f32x4.extract_lane(normalize4(channel4(pixel, 16)), 0));
    }
  }
}
