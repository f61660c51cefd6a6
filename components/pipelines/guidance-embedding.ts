import type { Tensor } from '../kernels/arena.js';

/**
 * The guidance scale as networks distilled with it read it ("On Distillation of Guided Diffusion Models", Meng et al. 2022; as
 * "Latent Consistency Models" does it): sines, then cosines of (scale - 1) x 1000 at falling frequencies; [width].
 */
export function guidanceEmbedding(guidanceScale: number, width: number): Tensor {
  const half = Math.floor(width / 2);
  const data = new Float32Array(width);
  const { fround } = Math;
  const scaled = fround((guidanceScale - 1) * 1000);
  const rate = Math.log(10000) / (half - 1);
  for (let i = 0; i < half; i++) {
    const angle = fround(scaled * fround(Math.exp(fround(i * fround(-rate)))));
    data[i] = Math.sin(angle);
    data[half + i] = Math.cos(angle);
  }
  return { data, dims: [width] };
}
