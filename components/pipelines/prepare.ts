import { invalidOption } from '../errors.js';
import { ArenaTensor, type Tensor } from '../kernels/arena.js';
import type { Picture } from '../pictures/picture.js';
import type { Session } from '../runtime/session.js';
import { createScheduler } from '../schedulers/create-scheduler.js';
import type { DDIMInverseScheduler } from '../schedulers/ddim-inverse.js';
import { TorchGenerator } from '../schedulers/generator.js';
import type { Scheduler } from '../schedulers/scheduler.js';
import { classConditioning } from './conditioning.js';
import { GuidedDenoiser } from './guided-denoiser.js';
import { interpolate, isBetweenPictures, type Interpolation } from './interpolation.js';
import { invert } from './invert.js';
import type { ModelPlan } from './model-plan.js';
import type { Run } from './options.js';
import { readPictures } from './source-picture.js';

/**
 * What DDIM and its inverse must have alike, so that the one takes back what the other does. Clipping has no way back: with
 * it, ten pictures inverted in 50 steps came back with an error of 32 grey levels, without it of 8.
 */
const reversible = { timestep_spacing: 'trailing', contrast_gain: 0, clip_sample: false };

/** The scheduler of a run: the model's configuration, what it recommends for the class, and what was asked for. */
export async function schedulerFor(plan: ModelPlan, run: Run): Promise<Scheduler> {
  const recommended = plan.folder.index.defaults?.scheduler_configs ?? {};
  return createScheduler({
    ...(!run.isWholeScheduler && plan.schedulerConfig),
    ...(!run.isWholeScheduler && recommended[run.scheduler._class_name]),
    ...run.scheduler,
    ...(run.eta !== undefined && { eta: run.eta }),
    ...(run.interpolation && isBetweenPictures(run.interpolation.between) && reversible),
  });
}

/** The noises of an interpolation, one for each place. */
export async function noiseBetween(
  plan: ModelPlan,
  run: Run & { readonly interpolation: Interpolation },
  dims: readonly number[],
  session: Session,
  signal: AbortSignal | undefined,
): Promise<Tensor> {
  const { between, at } = run.interpolation;
  const [, ...shape] = dims;
  // Four corners need a row to work in.
  const rows = between.length === 4 ? 5 : 2;
  const ends = new ArenaTensor([rows, ...shape]);
  const noise = new ArenaTensor([at.length, ...shape]);
  try {
    if (isBetweenPictures(between)) await invertEnds(ends, between, plan, run, session, signal);
    else drawEnds(ends, between as readonly (number | bigint)[]);
    interpolate(noise, ends, at);
    return { data: noise.data.slice(), dims: noise.dims };
  } finally {
    ends.release();
    noise.release();
  }
}

function drawEnds(ends: ArenaTensor, seeds: readonly (number | bigint)[]): void {
  const [rows = 1, ...shape] = ends.dims;
  const row = new ArenaTensor([1, ...shape]);
  for (const [index, seed] of seeds.entries()) {
    const generator = new TorchGenerator(seed);
    generator.fill(row);
    ends.data.set(row.data, (index * ends.length) / rows);
    generator.release();
  }
  row.release();
}

/** The pictures' own noise, each with its end's classes and without guidance, which has no way back. */
async function invertEnds(
  ends: ArenaTensor,
  pictures: readonly Picture[],
  plan: ModelPlan,
  { classes, steps }: Run,
  session: Session,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (plan.autoencoder) {
    throw invalidOption(
      'interpolation.between',
      'two pictures',
      'two or four seeds for this model',
    );
  }
  readPictures(ends, pictures);
  const config = { ...plan.schedulerConfig, ...reversible, _class_name: 'DDIMInverseScheduler' };
  const scheduler = (await createScheduler(config)) as DDIMInverseScheduler;
  scheduler.setTimesteps(steps);
  const unguided = { guidanceScale: 1, guidanceRescale: 0 };
  const ofEnds = { classes: classes && [classes[0]!, classes.at(-1)!], ...unguided };
  const conditioning = classConditioning(plan, ofEnds, 2);
  const denoiser = new GuidedDenoiser(session, plan.denoiser, ends.dims, conditioning, unguided);
  try {
    await invert(denoiser, scheduler, ends, signal);
  } finally {
    denoiser.release();
    scheduler.release();
  }
}
