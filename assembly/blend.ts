// @ts-ignore: decorator
@inline
function mix4(x: v128, kept: v128, mask: v128): v128 {
  const rest = f32x4.mul(f32x4.sub(f32x4.splat(1), mask), x);
  return f32x4.add(f32x4.mul(mask, kept), rest);
}

/**
 * Puts the known part of a picture into a sample (Lugmayr et al. 2022, "RePaint", eq. 8), with soft edges:
 * x[i] = mask[i] (a known[i] + b noise[i]) + (1 - mask[i]) x[i]. A mask of 1 is known; a `noise` of 0 is none.
 */
export function blend(
  x: usize, known: usize, a: f32, noise: usize, b: f32, mask: usize, length: i32,
): void {
  const va = f32x4.splat(a);
  const vb = f32x4.splat(b);
  const end = <usize>length << 2;
  const body = end & ~15;
  let i: usize = 0;
  if (noise) {
    for (; i < body; i += 16) {
      const kept = f32x4.mul(va, v128.load(known + i));
      const noised = f32x4.add(kept, f32x4.mul(vb, v128.load(noise + i)));
      v128.store(x + i, mix4(v128.load(x + i), noised, v128.load(mask + i)));
    }
  } else {
    for (; i < body; i += 16) {
      const kept = f32x4.mul(va, v128.load(known + i));
      v128.store(x + i, mix4(v128.load(x + i), kept, v128.load(mask + i)));
    }
  }
  for (; i < end; i += 4) {
    let kept = a * load<f32>(known + i);
    if (noise) kept += b * load<f32>(noise + i);
    const m = load<f32>(mask + i);
    store<f32>(x + i, m * kept + (1 - m) * load<f32>(x + i));
  }
}
