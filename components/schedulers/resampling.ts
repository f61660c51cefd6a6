import { invalidOption } from '../errors.js';

/**
 * RePaint's walk (Lugmayr et al. 2022, section 4.2 and appendix B) over steps numbered from `steps` - 1 down to 0: it
 * climbs `jumpLength` of them again after each multiple of `jumpLength`, until each stretch was walked
 * `jumpNSample` times. A number below the one before is a step at it; one above is a climb to it.
 */
export function resamplingWalk(steps: number, jumpLength: number, jumpNSample: number): number[] {
  for (const [name, value] of Object.entries({ jumpLength, jumpNSample })) {
    if (!Number.isInteger(value) || value < 1) {
      throw invalidOption(name, value, 'a whole number, 1 or more');
    }
  }
  const climbs = new Map<number, number>();
  for (let t = 0; t < steps - jumpLength; t += jumpLength) climbs.set(t, jumpNSample - 1);
  const walk: number[] = [];
  for (let t = steps - 1; t >= 0; t--) {
    walk.push(t);
    const left = climbs.get(t) ?? 0;
    if (left === 0) continue;
    climbs.set(t, left - 1);
    for (let i = 0; i < jumpLength; i++) walk.push(++t);
  }
  return walk;
}

/** A stretch of a walk without climbs: steps number `first` to `last` - 1, counted from the noise. */
export interface Stretch {
  readonly first: number;
  readonly last: number;
}

/** The stretches of `resamplingWalk`, one after another; between two of them x is noised again. */
export function resamplingStretches(
  steps: number,
  jumpLength: number,
  jumpNSample: number,
): Stretch[] {
  const walk = resamplingWalk(steps, jumpLength, jumpNSample);
  const stretches: Stretch[] = [];
  let first = 0;
  walk.forEach((t, i) => {
    const next = walk[i + 1];
    const climbed = i > 0 && t > walk[i - 1]!;
    // After the last climb the walk stands at `t`, whose step is done; the next one is at `t` - 1.
    if (climbed && (next === undefined || next < t)) first = steps - t;
    if (!climbed && (next === undefined || next > t)) stretches.push({ first, last: steps - t });
  });
  return stretches;
}

/** Steps that the walk takes in all: the model's runs for a method of order 1. */
export function resamplingSteps(steps: number, jumpLength: number, jumpNSample: number): number {
  const jumps = Math.max(0, Math.ceil((steps - jumpLength) / jumpLength));
  return steps + jumps * (jumpNSample - 1) * jumpLength;
}
