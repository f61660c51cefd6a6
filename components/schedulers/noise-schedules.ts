import { invalidOption } from '../errors.js';
import type { SchedulerConfig } from './scheduler-config.js';

/** `count` numbers from `start` to `end`, both included. */
export function linspace(start: number, end: number, count: number): number[] {
  const step = count > 1 ? (end - start) / (count - 1) : 0;
  return Array.from({ length: count }, (_, i) => start + i * step);
}

/** Betas of the cosine schedule (Improved DDPM, eq. 17), each at most 0.999. */
function cosineBetas(count: number): number[] {
  const alphaBar = (u: number) => Math.cos((((u + 0.008) / 1.008) * Math.PI) / 2) ** 2;
  return Array.from({ length: count }, (_, i) =>
    Math.min(1 - alphaBar((i + 1) / count) / alphaBar(i / count), 0.999),
  );
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** The schedules by name: betas of T steps from `start` to `end`. */
const schedules: Record<string, (count: number, start: number, end: number) => number[]> = {
  linear: (count, start, end) => linspace(start, end, count),
  scaled_linear: (count, start, end) =>
    linspace(Math.sqrt(start), Math.sqrt(end), count).map((x) => x * x),
  squaredcos_cap_v2: (count) => cosineBetas(count),
  sigmoid: (count, start, end) =>
    linspace(-6, 6, count).map((x) => sigmoid(x) * (end - start) + start),
};

export const betaSchedules: readonly string[] = Object.keys(schedules);

/** The product of (1 - beta) up to each timestep. */
function cumulativeAlphas(betas: readonly number[]): Float64Array {
  const result = new Float64Array(betas.length);
  let product = 1;
  betas.forEach((beta, i) => (result[i] = product *= 1 - beta));
  return result;
}

/**
 * Shifts and scales the square roots so that the last step is pure noise
 * (Lin et al. 2024, arXiv:2305.08891, algorithm 1).
 */
function rescaleZeroTerminalSnr(alphasCumprod: Float64Array): Float64Array {
  const roots = alphasCumprod.map(Math.sqrt);
  const first = roots[0]!;
  const last = roots.at(-1)!;
  return roots.map((root) => ((root - last) * (first / (first - last))) ** 2);
}

/** The betas that a configuration describes, T of them; `trainedBetas` win over `betaSchedule`. */
export function betasOf(config: SchedulerConfig): number[] {
  if (config.trainedBetas) return [...config.trainedBetas];
  const schedule = schedules[config.betaSchedule];
  if (!schedule) {
    throw invalidOption('beta_schedule', config.betaSchedule, `one of ${betaSchedules.join(', ')}`);
  }
  return schedule(config.numTrainTimesteps, config.betaStart, config.betaEnd);
}

/** alpha-bar of each of the T timesteps (DDPM, section 2). */
export function alphasCumprodOf(config: SchedulerConfig): Float64Array {
  const alphasCumprod = cumulativeAlphas(betasOf(config));
  return config.rescaleBetasZeroSnr ? rescaleZeroTerminalSnr(alphasCumprod) : alphasCumprod;
}
