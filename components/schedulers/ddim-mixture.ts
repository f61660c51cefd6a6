import type { Mixture } from './scheduler.js';

/** The noise in terms of x_0, x_t and the model's output. */
export type NoiseOf = Omit<Mixture, 'deviation'>;

/** The noise's standard deviation in a step of DDIM: `eta` times that of DDPM's posterior (DDIM, eq. 16). */
export function ddimDeviation(alphaCumprod: number, previousCumprod: number, eta: number): number {
  const variance =
    ((1 - previousCumprod) / (1 - alphaCumprod)) * (1 - alphaCumprod / previousCumprod);
  return eta * Math.sqrt(variance);
}

/** x of the previous timestep: x_0, the direction that points to x_t, and fresh noise (DDIM, eq. 12). */
export function ddimMixture(previousCumprod: number, deviation: number, noise: NoiseOf): Mixture {
  const direction = Math.sqrt(Math.max(1 - previousCumprod - deviation ** 2, 0));
  return {
    original: Math.sqrt(previousCumprod) + direction * noise.original,
    sample: direction * noise.sample,
    model: direction * noise.model,
    deviation,
  };
}
