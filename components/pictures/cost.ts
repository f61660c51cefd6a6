import { invalidOption } from '../errors.js';
import { resamplingSteps } from '../schedulers/resampling.js';

export const DEFAULT_RESAMPLINGS = 2;
export const DEFAULT_JUMP_LENGTH = 5;

/** What a masked run costs: its settings, and the model's runs that they take. */
export interface Cost {
  readonly steps: number;
  readonly jumpLength: number;
  readonly resamplings: number;
  readonly runs: number;
}

export function costOf(steps: number, jumpLength: number, resamplings: number): Cost {
  return { steps, jumpLength, resamplings, runs: resamplingSteps(steps, jumpLength, resamplings) };
}

/** Runs that a budget allows: a number of them (`60`), or seconds (`3s`) at so many milliseconds each. */
export function runsWithin(budget: string, millisecondsPerRun: number): number {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(s)?\s*$/.exec(budget);
  const amount = Number(match?.[1]);
  if (!match || amount <= 0) {
    throw invalidOption('budget', budget, 'a number of runs, or of seconds as in 3s');
  }
  return Math.max(1, Math.floor(match[2] ? (1000 * amount) / millisecondsPerRun : amount));
}

/** The settings that come nearest to those wanted within so many runs: fewer resamplings, then fewer steps. */
export function fitBudget(wanted: Cost, runs: number): Cost {
  const { steps, jumpLength } = wanted;
  for (let { resamplings } = wanted; resamplings > 1; resamplings--) {
    const cost = costOf(steps, jumpLength, resamplings);
    if (cost.runs <= runs) return cost;
  }
  return costOf(Math.min(steps, runs), jumpLength, 1);
}

export interface CostSettings {
  readonly steps: number;
  readonly jumpLength: number;
  readonly resamplings: number;
  /** As `runsWithin` reads it; empty for none. */
  readonly budget: string;
  /** How often the model's frame is filled. */
  readonly windows: number;
  /** What a run has taken; undefined until one has been measured. */
  readonly millisecondsPerRun: number | undefined;
}

/** Until a run has been measured: a small network on a phone. */
const ASSUMED_MILLISECONDS = 40;

/**
 * What a run costs with these settings, as far as the budget allows them.
 *
 * @throws DiffusionError `invalid-option`
 */
export function affordableCost(settings: CostSettings): Cost {
  const { steps, jumpLength, resamplings, budget, windows } = settings;
  const wanted = costOf(steps, jumpLength, resamplings);
  const each = settings.millisecondsPerRun ?? ASSUMED_MILLISECONDS;
  const allowed = () => Math.max(1, Math.floor(runsWithin(budget, each) / windows));
  const one = budget ? fitBudget(wanted, allowed()) : wanted;
  return { ...one, runs: one.runs * windows };
}
