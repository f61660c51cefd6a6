import type { ArenaTensor } from '../kernels/arena.js';
import type { Generator } from '../schedulers/generator.js';
import { RePaintScheduler } from '../schedulers/repaint.js';
import { resamplingStretches } from '../schedulers/resampling.js';
import type { Scheduler } from '../schedulers/scheduler.js';
import { denoise, type DenoiseStep } from './denoise.js';
import type { Run } from './options.js';
import { repaint } from './repaint.js';
import type { SourcePicture } from './source-picture.js';
import type { ConditionedUNet } from './unet.js';

export interface Walk {
  readonly run: Run;
  readonly unet: ConditionedUNet;
  readonly scheduler: Scheduler;
  readonly sample: ArenaTensor;
  readonly generator: Generator;
  readonly source: SourcePicture | undefined;
  readonly signal?: AbortSignal;
}

/** The steps that `strength` leaves out of a run from a picture, as diffusers counts them. */
export function skippedSteps({ steps, strength }: Run): number {
  return steps - Math.floor(steps * strength);
}

/** Chooses a run's timesteps. */
export function planSteps(scheduler: Scheduler, { steps, jumpLength, resamplings }: Run): void {
  if (scheduler instanceof RePaintScheduler) scheduler.setTimesteps(steps, jumpLength, resamplings);
  else scheduler.setTimesteps(steps);
}

/** The loop that a run asks for: straight down, with a part kept, or RePaint's own. */
export function walk(options: Walk): AsyncGenerator<DenoiseStep, void> {
  const { run, unet, scheduler, sample, generator, source, signal } = options;
  const common = { unet, sample, generator, signal };
  const mask = source?.mask;
  const known = mask && { picture: source.picture, mask };
  const whole = source?.isWhole ?? false;
  if (known && !whole && scheduler instanceof RePaintScheduler) {
    return repaint({ ...common, scheduler, known });
  }
  const skipped = source ? skippedSteps(run) : 0;
  const jumps = known ? run.resamplings : 1;
  const stretches = whole
    ? []
    : resamplingStretches(run.steps - skipped, run.jumpLength, jumps).map(({ first, last }) => ({
        first: first + skipped,
        last: last + skipped,
      }));
  return denoise({ ...common, scheduler, stretches, known, eta: run.eta });
}
