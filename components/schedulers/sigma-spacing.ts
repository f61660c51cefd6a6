import { invalidOption } from '../errors.js';
import { linspace } from './noise-schedules.js';
import type { SchedulerConfig } from './scheduler-config.js';
import { betaQuantile } from './special-functions.js';
import { spacedTimesteps } from './timestep-spacing.js';

/** The float16 number next to zero, for which alpha-bar makes way at zero terminal SNR. */
const SMALLEST_CUMPROD = 2 ** -24;

/**
 * The sigmas of the training timesteps. Where the schedule ends in pure noise, the last alpha-bar becomes
 * as small as diffusers makes it, so that its sigma is finite.
 */
export function trainSigmasOf(scheduler: { readonly alphasCumprod: Float64Array }): number[] {
  const { alphasCumprod } = scheduler;
  const last = alphasCumprod.length - 1;
  if (alphasCumprod[last] === 0) alphasCumprod[last] = SMALLEST_CUMPROD;
  return Array.from(alphasCumprod, sigmaOf);
}

/** sigma = sqrt((1 - alpha-bar) / alpha-bar): noise over signal, as in Karras et al. 2022; in float32. */
export function sigmaOf(alphaCumprod: number): number {
  const { fround } = Math;
  return fround(Math.sqrt(fround(fround(1 - alphaCumprod) / alphaCumprod)));
}

/** numpy's interp over the points (0, values[0]), (1, values[1]), … */
export function interpolate(values: ArrayLike<number>, x: number): number {
  const last = values.length - 1;
  if (x <= 0) return values[0]!;
  if (x >= last) return values[last]!;
  const i = Math.floor(x);
  return values[i]! + (x - i) * (values[i + 1]! - values[i]!);
}

/** The timestep, a fraction, whose sigma this is: linear in log sigma. */
export function timestepOf(sigma: number, trainSigmas: ArrayLike<number>): number {
  const log = Math.log(Math.max(sigma, 1e-10));
  // From the top: at zero terminal SNR the last sigma can be below the one before it.
  let low = trainSigmas.length - 1;
  while (low > 0 && Math.log(trainSigmas[low]!) > log) low--;
  low = Math.min(low, trainSigmas.length - 2);
  const from = Math.log(trainSigmas[low]!);
  const to = Math.log(trainSigmas[low + 1]!);
  return low + Math.min(Math.max((from - log) / (from - to), 0), 1);
}

/** Karras et al. 2022, eq. 5, with rho = 7. */
function karrasSigmas(min: number, max: number, count: number): number[] {
  const rho = 7;
  return linspace(max ** (1 / rho), min ** (1 / rho), count).map((root) => root ** rho);
}

/** Evenly spaced in log sigma. */
export function exponentialSigmas(min: number, max: number, count: number): number[] {
  return linspace(Math.log(max), Math.log(min), count).map(Math.exp);
}

/** Quantiles of the beta distribution with a = b = 0.6 (Lee et al. 2024, arXiv:2407.12173). */
function betaSigmas(min: number, max: number, count: number): number[] {
  return linspace(1, 0, count).map((p) => min + betaQuantile(p, 0.6, 0.6) * (max - min));
}

export type SigmaSpacing = (min: number, max: number, count: number) => number[];

/** The spacing that a configuration asks for by `use_…_sigmas`, if any; more than one is an error. */
export function sigmaSpacing(config: SchedulerConfig): SigmaSpacing | undefined {
  const wanted: [boolean, SigmaSpacing][] = [
    [config.useKarrasSigmas, karrasSigmas],
    [config.useExponentialSigmas, exponentialSigmas],
    [config.useBetaSigmas, betaSigmas],
  ];
  const chosen = wanted.filter(([use]) => use);
  if (chosen.length > 1) {
    const allowed = 'true for one of karras, exponential and beta only';
    throw invalidOption(
      'use_karras_sigmas, use_exponential_sigmas, use_beta_sigmas',
      true,
      allowed,
    );
  }
  return chosen[0]?.[1];
}

/** Timesteps that need not be whole numbers: linspace is not rounded. */
export function fractionalTimesteps(config: SchedulerConfig, steps: number): number[] {
  const whole = spacedTimesteps(config, steps);
  if (config.timestepSpacing !== 'linspace') return whole;
  return linspace(0, config.numTrainTimesteps - 1, steps)
    .reverse()
    .map(Math.fround);
}
