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
    linspace(Math.sqrt(start), Math.sqrt(end), count)
      .map(Math.fround)
      .map((x) => x * x),
  squaredcos_cap_v2: (count) => cosineBetas(count),
  sigmoid: (count, start, end) =>
    linspace(-6, 6, count).map((x) => sigmoid(x) * (end - start) + start),
};

export const betaSchedules: readonly string[] = Object.keys(schedules);

// diffusers computes what follows in float32, and next to pure noise that shows: its first sigma of the cosine
// schedule is 20291.30, which is 20291.17 in float64. A Float32Array rounds where a PyTorch tensor does.

/** The product of (1 - beta) up to each timestep; torch.cumprod, too, rounds what it stores and not what it carries. */
function cumulativeAlphas(betas: Float32Array): Float32Array {
  let product = 1;
  return betas.map((beta) => 1 - beta).map((alpha) => (product *= alpha));
}

/**
 * Shifts and scales the square roots of alpha-bar so that the last step is pure noise
 * (Lin et al. 2024, arXiv:2305.08891, algorithm 1).
 */
function rescaleZeroTerminalSnr(betas: Float32Array): Float32Array {
  const roots = cumulativeAlphas(betas).map(Math.sqrt);
  const first = roots[0]!;
  const last = roots.at(-1)!;
  const scale = Math.fround(first / Math.fround(first - last));
  const alphasCumprod = roots
    .map((root) => root - last)
    .map((root) => root * scale)
    .map((root) => root * root);
  const alphas = alphasCumprod.map((alpha, t) => (t > 0 ? alpha / alphasCumprod[t - 1]! : alpha));
  return alphas.map((alpha) => 1 - alpha);
}

/** The betas that a configuration describes, T of them; `trainedBetas` win over `betaSchedule`. */
export function betasOf(config: SchedulerConfig): Float32Array {
  if (config.trainedBetas) return Float32Array.from(config.trainedBetas);
  if (!Object.hasOwn(schedules, config.betaSchedule)) {
    throw invalidOption('beta_schedule', config.betaSchedule, `one of ${betaSchedules.join(', ')}`);
  }
  const schedule = schedules[config.betaSchedule]!;
  return Float32Array.from(schedule(config.numTrainTimesteps, config.betaStart, config.betaEnd));
}

// A picture of one network run would spend as long on its schedule as on all else around the network.
const known = new Map<string, Float64Array>();
const MOST_KNOWN = 8;

/** alpha-bar of each of the T timesteps (DDPM, section 2), as float32 numbers. */
export function alphasCumprodOf(config: SchedulerConfig): Float64Array {
  if (config.trainedBetas) return computeAlphas(config);
  const { betaSchedule, numTrainTimesteps, betaStart, betaEnd, rescaleBetasZeroSnr } = config;
  const key = [betaSchedule, numTrainTimesteps, betaStart, betaEnd, rescaleBetasZeroSnr].join();
  const alphas = known.get(key) ?? computeAlphas(config);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(key, alphas);
  return alphas.slice();
}

function computeAlphas(config: SchedulerConfig): Float64Array {
  const betas = betasOf(config);
  const used = config.rescaleBetasZeroSnr ? rescaleZeroTerminalSnr(betas) : betas;
  return Float64Array.from(cumulativeAlphas(used));
}
