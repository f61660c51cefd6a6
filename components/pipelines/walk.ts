import { ConsistencyScheduler } from '../schedulers/consistency.js';
import type { Generator } from '../schedulers/generator.js';
import { RePaintScheduler } from '../schedulers/repaint.js';
import { resamplingStretches } from '../schedulers/resampling.js';
import type { Scheduler } from '../schedulers/scheduler.js';
import { denoise, type DenoiseStep } from './denoise.js';
import type { GuidedDenoiser } from './guided-denoiser.js';
import type { ModelPlan } from './model-plan.js';
import type { Run } from './options.js';
import { repaint } from './repaint.js';
import type { Start } from './start.js';

export interface Walk {
  readonly run: Run;
  readonly denoiser: GuidedDenoiser;
  readonly scheduler: Scheduler;
  readonly start: Start;
  readonly generator: Generator;
  readonly signal?: AbortSignal;
}

type StepsRun = Pick<Run, 'steps' | 'strength' | 'jumpLength' | 'resamplings' | 'pictures'>;

/** The steps that `strength` leaves out of a run from a picture, as diffusers counts them. */
export function skippedSteps({ steps, strength }: Pick<Run, 'steps' | 'strength'>): number {
  return steps - Math.floor(steps * strength);
}

/** A run's timesteps, and its part of them. */
export function planSteps<T extends StepsRun>(
  scheduler: Scheduler,
  run: T,
  { isConsistency, traits }: Pick<ModelPlan, 'isConsistency' | 'traits'>,
): T {
  const { steps, strength, jumpLength, resamplings, pictures } = run;
  if (scheduler instanceof RePaintScheduler) {
    scheduler.setTimesteps(steps, jumpLength, resamplings);
  } else if (pictures && scheduler instanceof ConsistencyScheduler && isConsistency) {
    // All of its steps are walked, among the lowest timesteps.
    scheduler.setTimesteps(steps, strength);
    return { ...run, strength: 1 };
  } else if (pictures && scheduler instanceof ConsistencyScheduler && traits.fewSteps) {
    // Likewise, as many as there are; of none the picture stays as it is.
    const taken = Math.min(steps, scheduler.knownSteps(strength));
    scheduler.setTimesteps(taken || steps, taken ? strength : 1);
    return taken ? { ...run, steps: taken, strength: 1 } : { ...run, strength: 0 };
  } else {
    scheduler.setTimesteps(steps);
  }
  return run;
}

/** The loop that a run asks for: straight down, with a part kept, or RePaint's own. */
export function walk(options: Walk): AsyncGenerator<DenoiseStep, void> {
  const { run, denoiser, scheduler, start, generator, signal } = options;
  const { sample, known, isWhole } = start;
  const common = { denoiser, sample, generator, signal };
  if (known && !isWhole && scheduler instanceof RePaintScheduler) {
    return repaint({ ...common, scheduler, known });
  }
  const skipped = run.pictures ? skippedSteps(run) : 0;
  const jumps = known && !known.noise ? run.resamplings : 1;
  const stretches = isWhole
    ? []
    : resamplingStretches(run.steps - skipped, run.jumpLength, jumps).map(({ first, last }) => ({
        first: first + skipped,
        last: last + skipped,
      }));
  return denoise({ ...common, scheduler, stretches, known, eta: run.eta });
}
