import { invalidOption } from '../errors.js';
import { alphasCumprodOf, betaSchedules, betasOf } from '../schedulers/noise-schedules.js';
import { readSchedulerConfig } from '../schedulers/scheduler-config.js';
import type { Level } from '../schedulers/scheduler.js';

/** A noise schedule by name, and what goes with it. */
export interface ScheduleOptions {
  readonly betaSchedule: string;
  /** T, 2 to 10,000; 1000 by default. */
  readonly numTrainTimesteps?: number;
  /** The first and the last beta, where the schedule has them; 0.0001 and 0.02 by default. */
  readonly betaStart?: number;
  readonly betaEnd?: number;
}

/** What can be plotted over the timesteps: beta, alpha bar, or the logarithm of alpha bar / (1 - alpha bar). */
export const plotKinds = ['alphas-cumprod', 'betas', 'snr'] as const;
export type PlotKind = (typeof plotKinds)[number];

const MOST_TIMESTEPS = 10_000;

/** The names in a `beta-schedule` attribute; each is a known one. */
export function readSchedules(text: string): string[] {
  const names = text.split(/[\s,]+/).filter(Boolean);
  const unknown = names.find((name) => !betaSchedules.includes(name));
  if (unknown === undefined && names.length > 0) return names;
  throw invalidOption(
    'beta-schedule',
    unknown ?? text,
    `one or several of ${betaSchedules.join(', ')}`,
  );
}

/** @throws DiffusionError `invalid-option` */
export function checkTimesteps(numTrainTimesteps = 1000): number {
  const isWhole = Number.isInteger(numTrainTimesteps);
  if (isWhole && numTrainTimesteps >= 2 && numTrainTimesteps <= MOST_TIMESTEPS)
    return numTrainTimesteps;
  const allowed = `a whole number from 2 to ${MOST_TIMESTEPS}`;
  throw invalidOption('num-train-timesteps', numTrainTimesteps, allowed);
}

function checkBeta(name: string, value: number | undefined): void {
  if (value === undefined || (typeof value === 'number' && value > 0 && value < 1)) return;
  throw invalidOption(name, value, 'a number between 0 and 1');
}

/** The keys of a `scheduler_config.json` that these options stand for. */
export function scheduleConfig(options: ScheduleOptions): Record<string, unknown> {
  checkBeta('beta-start', options.betaStart);
  checkBeta('beta-end', options.betaEnd);
  return {
    beta_schedule: options.betaSchedule,
    num_train_timesteps: checkTimesteps(options.numTrainTimesteps),
    beta_start: options.betaStart,
    beta_end: options.betaEnd,
  };
}

/** How much of the picture and of the noise is in x at each timestep. */
export function scheduleLevels(options: ScheduleOptions): readonly Level[] {
  return Array.from(alphasCumprodOf(readSchedulerConfig(scheduleConfig(options))), (alpha) => ({
    alpha: Math.sqrt(alpha),
    sigma: Math.sqrt(1 - alpha),
  }));
}

/** The values of a plot at each timestep. */
export function scheduleCurve(kind: PlotKind, options: ScheduleOptions): Float64Array {
  const config = readSchedulerConfig(scheduleConfig(options));
  if (kind === 'betas') return Float64Array.from(betasOf(config));
  const alphas = alphasCumprodOf(config);
  return kind === 'snr' ? alphas.map((alpha) => Math.log(alpha / (1 - alpha))) : alphas;
}
