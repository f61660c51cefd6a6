import { invalidOption } from '../errors.js';
import { linspace } from './noise-schedules.js';
import type { SchedulerConfig } from './scheduler-config.js';

/** numpy's rounding: to the nearest whole number, halves to the even one. */
export function roundHalfToEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** numpy's arange for a falling range: start, start + step, … above `stop`. */
function fallingRange(start: number, stop: number, step: number): number[] {
  return Array.from({ length: Math.ceil((stop - start) / step) }, (_, i) => start + i * step);
}

type Spacing = (trainSteps: number, steps: number, config: SchedulerConfig) => number[];

/**
 * The spacings of Lin et al. 2024 (arXiv:2305.08891, table 2), in the order that they are visited; and one that
 * diffusers does not have, (i / n)^power, for models whose last steps need to be short: DDIM's “quadratic” (Song
 * et al. 2020, appendix D.2) is power 2.
 */
const spacings: Record<string, Spacing> = {
  linspace: (trainSteps, steps) =>
    linspace(0, trainSteps - 1, steps)
      .reverse()
      .map(roundHalfToEven),
  leading: (trainSteps, steps, { stepsOffset }) => {
    const ratio = Math.floor(trainSteps / steps);
    return Array.from({ length: steps }, (_, i) => (steps - 1 - i) * ratio + stepsOffset);
  },
  trailing: (trainSteps, steps) =>
    fallingRange(trainSteps, 0, -trainSteps / steps).map((t) => roundHalfToEven(t) - 1),
  power: (trainSteps, steps, { timestepPower }) =>
    Array.from({ length: steps }, (_, i) =>
      Math.round((trainSteps - 1) * ((steps - i) / steps) ** timestepPower),
    ),
};

export const timestepSpacings: readonly string[] = Object.keys(spacings);

/** Throws unless `steps` is a whole number from 1 to the number of training steps. */
export function checkStepCount(steps: number, trainSteps: number): void {
  if (!Number.isInteger(steps) || steps < 1 || steps > trainSteps) {
    throw invalidOption('steps', steps, `a whole number from 1 to ${trainSteps}`);
  }
}

/** The timesteps that `steps` inference steps visit, highest first. */
export function spacedTimesteps(config: SchedulerConfig, steps: number): number[] {
  checkStepCount(steps, config.numTrainTimesteps);
  const spacing = spacings[config.timestepSpacing];
  if (!spacing) {
    const allowed = `one of ${timestepSpacings.join(', ')}`;
    throw invalidOption('timestep_spacing', config.timestepSpacing, allowed);
  }
  return spacing(config.numTrainTimesteps, steps, config);
}

/** Checks timesteps that the caller chose: falling whole numbers from 0 to T - 1. */
export function checkTimesteps(timesteps: readonly number[], trainSteps: number): void {
  const valid = timesteps.every(
    (t, i) => Number.isInteger(t) && t >= 0 && t < trainSteps && (i === 0 || t < timesteps[i - 1]!),
  );
  if (!valid || timesteps.length === 0) {
    throw invalidOption(
      'timesteps',
      `[${timesteps.join(', ')}]`,
      `falling whole numbers from ${trainSteps - 1} to 0, at least one`,
    );
  }
}
