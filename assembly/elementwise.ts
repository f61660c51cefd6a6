// Linear combinations. Each lane multiplies, then adds from left to right, without fused operations,
// so that the bits are the same on every machine. `out` may be any of the inputs.

/** out[i] = a x[i] + b y[i] */
export function combine2(out: usize, x: usize, a: f32, y: usize, b: f32, length: i32): void {
  const va = f32x4.splat(a);
  const vb = f32x4.splat(b);
  const end = (<usize>length) << 2;
  const body = end & ~15;
  let i: usize = 0;
  for (; i < body; i += 16) {
    v128.store(
      out + i,
      f32x4.add(f32x4.mul(va, v128.load(x + i)), f32x4.mul(vb, v128.load(y + i))),
    );
  }
  for (; i < end; i += 4) {
    store<f32>(out + i, a * load<f32>(x + i) + b * load<f32>(y + i));
  }
}

/** out[i] = x[i] / d */
export function divide(out: usize, x: usize, d: f32, length: i32): void {
  const vd = f32x4.splat(d);
  const end = (<usize>length) << 2;
  const body = end & ~15;
  let i: usize = 0;
  for (; i < body; i += 16) v128.store(out + i, f32x4.div(v128.load(x + i), vd));
  for (; i < end; i += 4) store<f32>(out + i, load<f32>(x + i) / d);
}

/** out[i] = a x[i] + b y[i] + c z[i] */
export function combine3(
  out: usize,
  x: usize,
  a: f32,
  y: usize,
  b: f32,
  z: usize,
  c: f32,
  length: i32,
): void {
  const va = f32x4.splat(a);
  const vb = f32x4.splat(b);
  const vc = f32x4.splat(c);
  const end = (<usize>length) << 2;
  const body = end & ~15;
  let i: usize = 0;
  for (; i < body; i += 16) {
    const sum = f32x4.add(f32x4.mul(va, v128.load(x + i)), f32x4.mul(vb, v128.load(y + i)));
    v128.store(out + i, f32x4.add(sum, f32x4.mul(vc, v128.load(z + i))));
  }
  for (; i < end; i += 4) {
    store<f32>(out + i, a * load<f32>(x + i) + b * load<f32>(y + i) + c * load<f32>(z + i));
  }
}

/** out[i] = a x[i] + b y[i] + c z[i] + d w[i] */
export function combine4(
  out: usize,
  x: usize,
  a: f32,
  y: usize,
  b: f32,
  z: usize,
  c: f32,
  w: usize,
  d: f32,
  length: i32,
): void {
  const va = f32x4.splat(a);
  const vb = f32x4.splat(b);
  const vc = f32x4.splat(c);
  const vd = f32x4.splat(d);
  const end = (<usize>length) << 2;
  const body = end & ~15;
  let i: usize = 0;
  for (; i < body; i += 16) {
    let sum = f32x4.add(f32x4.mul(va, v128.load(x + i)), f32x4.mul(vb, v128.load(y + i)));
    sum = f32x4.add(sum, f32x4.mul(vc, v128.load(z + i)));
    v128.store(out + i, f32x4.add(sum, f32x4.mul(vd, v128.load(w + i))));
  }
  for (; i < end; i += 4) {
    store<f32>(
      out + i,
      a * load<f32>(x + i) + b * load<f32>(y + i) + c * load<f32>(z + i) + d * load<f32>(w + i),
    );
  }
}
