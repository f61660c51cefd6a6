// Dynamic thresholding (Saharia et al. 2022, "Imagen", section 2.3). The quantile is found by radix
// selection on the bits of |x|, which sort like the numbers: three counting passes, no sort and no copy.

/** Counts of one digit: 11 bits at most. */
const counts = memory.data(2048 * 4);

/** How many values are at most the one that `select` found. */
let atOrBelow: i32 = 0;

/** The bits of the |x| that `rank` others come before, in rising order. */
function select(x: usize, length: i32, rank: i32): u32 {
  const end = x + (<usize>length << 2);
  let prefix: u32 = 0;
  let below = 0;
  // The 31 bits below the sign, as digits of 11, 10 and 10 bits.
  for (let digit = 0; digit < 3; digit++) {
    const shift: u32 = 20 - 10 * digit;
    const size: u32 = digit == 0 ? 2048 : 1024;
    const above: u32 = digit == 0 ? 31 : shift + 10;
    memory.fill(counts, 0, size << 2);
    for (let at = x; at < end; at += 4) {
      const bits = load<u32>(at) & 0x7fffffff;
      if (bits >>> above != prefix) continue;
      const slot = counts + (((bits >>> shift) & (size - 1)) << 2);
      store<i32>(slot, load<i32>(slot) + 1);
    }
    let value: u32 = 0;
    let inSlot = load<i32>(counts);
    while (below + inSlot <= rank) {
      below += inSlot;
      value++;
      inSlot = load<i32>(counts + (value << 2));
    }
    prefix = (prefix << (digit == 0 ? 11 : 10)) | value;
    if (digit == 2) atOrBelow = below + inSlot;
  }
  return prefix;
}

/** The smallest |x| with bits above `low`. */
function next(x: usize, length: i32, low: u32): u32 {
  const end = x + (<usize>length << 2);
  let result: u32 = 0x7fffffff;
  for (let at = x; at < end; at += 4) {
    const bits = load<u32>(at) & 0x7fffffff;
    if (bits > low && bits < result) result = bits;
  }
  return result;
}

/** The quantile of |x|, linear between neighbours, as torch.quantile. */
function absoluteQuantile(x: usize, length: i32, ratio: f64): f32 {
  const position = ratio * <f64>(length - 1);
  const rank = <i32>Math.floor(position);
  const low = select(x, length, rank);
  const rest = <f32>(position - <f64>rank);
  const value = reinterpret<f32>(low);
  if (rest == 0 || atOrBelow > rank + 1) return value;
  return value + rest * (reinterpret<f32>(next(x, length, low)) - value);
}

/**
 * For each item, with s its quantile of |x| but at least 1 and at most `most`:
 * x[i] = clip(x[i], -s, s) / s. `ratio` is from 0 to 1.
 */
export function threshold(x: usize, items: i32, length: i32, ratio: f64, most: f32): void {
  const end = <usize>length << 2;
  const body = end & ~15;
  for (let item = 0; item < items; item++) {
    const s = min<f32>(max<f32>(absoluteQuantile(x, length, ratio), 1), most);
    const vs = f32x4.splat(s);
    const low = f32x4.neg(vs);
    let i: usize = 0;
    for (; i < body; i += 16) {
      const clipped = f32x4.pmax(f32x4.pmin(v128.load(x + i), vs), low);
      v128.store(x + i, f32x4.div(clipped, vs));
    }
    for (; i < end; i += 4) {
      store<f32>(x + i, max<f32>(min<f32>(load<f32>(x + i), s), -s) / s);
    }
    x += end;
  }
}
