// The kernels of assembly/ as plain C, for clang: --target=wasm32 -O3 -msimd128 -ffp-contract=off. The bench sets the one
// against the other.
#define EXPORT(name) __attribute__((export_name(#name))) void name
#define IN const float *restrict
#define OUT float *restrict

static inline float clamp(float x, float limit) {
  float low = x < limit ? x : limit;
  return low > -limit ? low : -limit;
}

EXPORT(combine2)(OUT out, IN x, float a, IN y, float b, int n) {
  for (int i = 0; i < n; i++) out[i] = a * x[i] + b * y[i];
}

EXPORT(combine3)(OUT out, IN x, float a, IN y, float b, IN z, float c, int n) {
  for (int i = 0; i < n; i++) out[i] = a * x[i] + b * y[i] + c * z[i];
}

EXPORT(combine4)(OUT out, IN x, float a, IN y, float b, IN z, float c, IN w, float d, int n) {
  for (int i = 0; i < n; i++) out[i] = a * x[i] + b * y[i] + c * z[i] + d * w[i];
}

EXPORT(predictOriginal)(OUT x0, IN sample, IN model, float ps, float pm, float limit, int n) {
  for (int i = 0; i < n; i++) x0[i] = clamp(ps * sample[i] + pm * model[i], limit);
}

EXPORT(step)(
    OUT prev, OUT x0, IN sample, IN model, IN noise, float ps, float pm, float limit, float a, float b, float c,
    float d, int n) {
  for (int i = 0; i < n; i++) {
    float s = sample[i], m = model[i];
    float original = clamp(ps * s + pm * m, limit);
    x0[i] = original;
    float sum = a * original + b * s + c * m;
    prev[i] = noise ? sum + d * noise[i] : sum;
  }
}

EXPORT(addLearnedNoise)(OUT sample, IN variance, IN noise, int n) {
  for (int i = 0; i < n; i++) sample[i] += __builtin_sqrtf(variance[i]) * noise[i];
}

EXPORT(blend)(OUT x, IN known, float a, IN noise, float b, IN mask, int n) {
  for (int i = 0; i < n; i++) {
    float m = mask[i];
    x[i] = m * (a * known[i] + b * noise[i]) + (1 - m) * x[i];
  }
}

static inline unsigned quantize(float x) {
  float scaled = x * 127.5f + 127.5f;
  float low = scaled > 0 ? scaled : 0;
  return (unsigned)__builtin_rintf(low < 255 ? low : 255);
}

EXPORT(toRgba)(unsigned *restrict rgba, IN planes, int area, int channels) {
  IN green = channels == 3 ? planes + area : planes;
  IN blue = channels == 3 ? green + area : planes;
  if (channels == 3) {
    for (int i = 0; i < area; i++) {
      rgba[i] = quantize(planes[i]) | quantize(green[i]) << 8 | quantize(blue[i]) << 16 | 0xff000000u;
    }
  } else {
    for (int i = 0; i < area; i++) rgba[i] = quantize(planes[i]) * 0x010101u | 0xff000000u;
  }
}
