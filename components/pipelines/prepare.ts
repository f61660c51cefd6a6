import { ArenaTensor, type Tensor } from '../kernels/arena.js';
import type { Picture } from '../pictures/picture.js';
import type { Session } from '../runtime/session.js';
import { createScheduler } from '../schedulers/create-scheduler.js';
import type { DDIMInverseScheduler } from '../schedulers/ddim-inverse.js';
import { TorchGenerator } from '../schedulers/generator.js';
import type { Scheduler } from '../schedulers/scheduler.js';
import type { ClassifierGuidance } from './classifier-guidance.js';
import { interpolate, isBetweenPictures, type Interpolation } from './interpolation.js';
import { invert } from './invert.js';
import type { OpenModel } from './open-model.js';
import type { Run } from './options.js';
import { SourcePicture } from './source-picture.js';
import { ConditionedUNet } from './unet.js';

/**
 * What DDIM and its inverse must have alike, so that the one takes back what the other does. Clipping has no way back: with
 * it, ten pictures inverted in 50 steps came back with an error of 32 grey levels, without it of 8.
 */
const reversible = { timestep_spacing: 'trailing', contrast_gain: 0, clip_sample: false };

/** The scheduler of a run: the model's configuration, what it recommends for the class, and what was asked for. */
export async function schedulerFor(model: OpenModel, run: Run): Promise<Scheduler> {
  const recommended = model.folder.index.defaults?.scheduler_configs ?? {};
  return createScheduler({
    ...model.schedulerConfig,
    ...recommended[run.scheduler._class_name],
    ...run.scheduler,
    ...(run.eta !== undefined && { eta: run.eta }),
    ...(run.interpolation && isBetweenPictures(run.interpolation.between) && reversible),
  });
}

export interface UNetInput {
  readonly dims: readonly number[];
  readonly classifier?: ClassifierGuidance;
}

/** The U-Net as a run asks for it. */
export function conditionedUNet(
  { traits }: OpenModel,
  {
    classes,
    guidanceScale,
    guidanceRescale,
  }: Pick<Run, 'classes' | 'guidanceScale' | 'guidanceRescale'>,
  session: Session,
  { dims, classifier }: UNetInput,
): ConditionedUNet {
  return new ConditionedUNet(session, dims, {
    classes,
    unconditionalClass: traits.labels.length > 0 ? traits.labels.length : undefined,
    guidanceScale,
    guidanceRescale,
    classifier,
  });
}

/** The noises of an interpolation, one for each place. */
export async function noiseBetween(
  model: OpenModel,
  run: Run & { readonly interpolation: Interpolation },
  session: Session,
  signal: AbortSignal | undefined,
): Promise<Tensor> {
  const { between, at } = run.interpolation;
  // Four corners need a row to work in.
  const rows = between.length === 4 ? 5 : 2;
  const ends = new ArenaTensor([rows, ...model.shape]);
  const noise = new ArenaTensor([at.length, ...model.shape]);
  try {
    if (isBetweenPictures(between)) await invertEnds(ends, between, model, run, session, signal);
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
  model: OpenModel,
  { classes, steps }: Run,
  session: Session,
  signal: AbortSignal | undefined,
): Promise<void> {
  const source = new SourcePicture(ends.dims, pictures, undefined);
  ends.data.set(source.picture.data);
  source.release();
  const config = { ...model.schedulerConfig, ...reversible, _class_name: 'DDIMInverseScheduler' };
  const scheduler = (await createScheduler(config)) as DDIMInverseScheduler;
  scheduler.setTimesteps(steps);
  const ofEnds = classes && [classes[0]!, classes.at(-1)!];
  const unguided = { classes: ofEnds, guidanceScale: 1, guidanceRescale: 0 };
  const unet = conditionedUNet(model, unguided, session, { dims: ends.dims });
  try {
    await invert(unet, scheduler, ends, signal);
  } finally {
    unet.release();
    scheduler.release();
  }
}
