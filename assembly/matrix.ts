// Products of matrices, row by row in memory. Each value is a sum over k in rising order, multiply then add, so that the bits
// are the same on every machine. Outputs alias nothing.

// Rows r to r + 3 of the product, columns j to j + 7.
// @ts-ignore: decorator
@inline
function block4x8(out: usize, a: usize, aRow: usize, aColumn: usize, b: usize, row: usize, k: i32): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  for (let p = 0; p < k; p++) {
    const low = v128.load(b);
    const high = v128.load(b, 16);
    let x = v128.load32_splat(a);
    c00 = f32x4.add(c00, f32x4.mul(x, low));
    c01 = f32x4.add(c01, f32x4.mul(x, high));
    x = v128.load32_splat(a + aRow);
    c10 = f32x4.add(c10, f32x4.mul(x, low));
    c11 = f32x4.add(c11, f32x4.mul(x, high));
    const second = a + aRow + aRow;
    x = v128.load32_splat(second);
    c20 = f32x4.add(c20, f32x4.mul(x, low));
    c21 = f32x4.add(c21, f32x4.mul(x, high));
    x = v128.load32_splat(second + aRow);
    c30 = f32x4.add(c30, f32x4.mul(x, low));
    c31 = f32x4.add(c31, f32x4.mul(x, high));
    a += aColumn;
    b += row;
  }
  v128.store(out, c00);
  v128.store(out, c01, 16);
  out += row;
  v128.store(out, c10);
  v128.store(out, c11, 16);
  out += row;
  v128.store(out, c20);
  v128.store(out, c21, 16);
  out += row;
  v128.store(out, c30);
  v128.store(out, c31, 16);
}

// One row of the product, columns j to j + 3.
// @ts-ignore: decorator
@inline
function block1x4(out: usize, a: usize, aColumn: usize, b: usize, row: usize, k: i32): void {
  let sum = f32x4.splat(0);
  for (let p = 0; p < k; p++) {
    sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(a), v128.load(b)));
    a += aColumn;
    b += row;
  }
  v128.store(out, sum);
}

// @ts-ignore: decorator
@inline
function block1x1(out: usize, a: usize, aColumn: usize, b: usize, row: usize, k: i32): void {
  let sum: f32 = 0;
  for (let p = 0; p < k; p++) {
    sum += load<f32>(a) * load<f32>(b);
    a += aColumn;
    b += row;
  }
  store<f32>(out, sum);
}

/**
 * out[m, n] = A[m, k] B[k, n]. A's value (i, p) stands at i `aRow` + p `aColumn` values: (k, 1) for A as it is, (1, m) for
 * the transposed of an [k, m].
 */
export function matmul(
  out: usize, a: usize, aRow: i32, aColumn: i32, b: usize, m: i32, n: i32, k: i32,
): void {
  const row = <usize>n << 2;
  const nextRow = <usize>aRow << 2;
  const nextColumn = <usize>aColumn << 2;
  const wide = n & ~7;
  const narrow = n & ~3;
  for (let i = 0; i < m; i++) {
    // Four rows at a time; the columns that are left over, and the last rows, one by one.
    const together = m - i >= 4 && wide > 0 && (i & 3) == 0;
    const grouped = (i & ~3) + 4 <= m ? wide : 0;
    if (together) {
      for (let j = 0; j < wide; j += 8) {
        const at = <usize>j << 2;
        block4x8(out + at, a, nextRow, nextColumn, b + at, row, k);
      }
    }
    let j = grouped;
    for (; j < narrow; j += 4) {
      const at = <usize>j << 2;
      block1x4(out + at, a, nextColumn, b + at, row, k);
    }
    for (; j < n; j++) {
      const at = <usize>j << 2;
      block1x1(out + at, a, nextColumn, b + at, row, k);
    }
    out += row;
    a += nextRow;
  }
}

/** out[n, m] = the transposed of x[m, n] */
export function transpose(out: usize, x: usize, m: i32, n: i32): void {
  const column = <usize>m << 2;
  for (let i = 0; i < m; i++) {
    let to = out + (<usize>i << 2);
    for (let j = 0; j < n; j++) {
      store<f32>(to, load<f32>(x));
      to += column;
      x += 4;
    }
  }
}
