// The same product as assembly/matrix.ts, for clang: --target=wasm32 -O3 -msimd128. The bench sets the one against the other.
#include <wasm_simd128.h>

typedef unsigned long size;

#define ADD(c, x, y) c = wasm_f32x4_add(c, wasm_f32x4_mul(x, y))

__attribute__((export_name("matmul"))) void matmul(
    float *restrict out, const float *a, int a_row, int a_column, const float *b, int m, int n, int k) {
  int wide = n & ~7;
  for (int i = 0; i + 4 <= m; i += 4) {
    for (int j = 0; j < wide; j += 8) {
      v128_t c00 = wasm_f32x4_splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
      const float *pa = a + (size)i * a_row, *pb = b + j;
      for (int p = 0; p < k; p++) {
        v128_t low = wasm_v128_load(pb), high = wasm_v128_load(pb + 4);
        v128_t x = wasm_v128_load32_splat(pa);
        ADD(c00, x, low);
        ADD(c01, x, high);
        x = wasm_v128_load32_splat(pa + a_row);
        ADD(c10, x, low);
        ADD(c11, x, high);
        x = wasm_v128_load32_splat(pa + 2 * a_row);
        ADD(c20, x, low);
        ADD(c21, x, high);
        x = wasm_v128_load32_splat(pa + 3 * a_row);
        ADD(c30, x, low);
        ADD(c31, x, high);
        pa += a_column;
        pb += n;
      }
      float *to = out + (size)i * n + j;
      wasm_v128_store(to, c00);
      wasm_v128_store(to + 4, c01);
      wasm_v128_store(to + n, c10);
      wasm_v128_store(to + n + 4, c11);
      wasm_v128_store(to + 2 * n, c20);
      wasm_v128_store(to + 2 * n + 4, c21);
      wasm_v128_store(to + 3 * n, c30);
      wasm_v128_store(to + 3 * n + 4, c31);
    }
  }
}
