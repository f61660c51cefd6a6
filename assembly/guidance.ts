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
