import { invalidOption } from '../errors.js';
import { ArenaTensor, copyOf, type Tensor } from '../kernels/arena.js';
import { RePaintScheduler } from '../schedulers/repaint.js';
import type { Scheduler } from '../schedulers/scheduler.js';
import type { Components } from './components.js';
import type { Known } from './denoise.js';
import { addFirstNoise, fillNoise, scaleNoise } from './initial-sample.js';
import { encodePictures } from './latents.js';
import type { ModelPlan } from './model-plan.js';
import type { NoiseSource } from './noise-source.js';
import type { Run } from './options.js';
import { readMask, readPictures, SourcePicture } from './source-picture.js';
import { skippedSteps } from './walk.js';

export interface StartOptions {
  readonly plan: ModelPlan;
  readonly components: Components;
  readonly run: Run;
  /** With its timesteps set. */
  readonly scheduler: Scheduler;
  readonly noise: NoiseSource;
  /** The noise instead of the generators'. */
  readonly initialNoise: Tensor | undefined;
  readonly signal?: AbortSignal;
}

/** Where a walk begins. */
export interface Start {
  /** x at the first timestep. */
  readonly sample: ArenaTensor;
  /** What is kept of a picture. */
  readonly known: Known | undefined;
  /** Whether the mask leaves nothing to draw. */
  readonly isWhole: boolean;
  /** What the network is given beside x: a mask, and what is around it. */
  readonly around: ArenaTensor | undefined;
  release(): void;
}

/** Prepares a run's first sample: from noise, or from a picture, of which a part may be kept. */
export function start(dims: readonly number[], options: StartOptions): Promise<Start> {
  return options.plan.autoencoder ? startInLatents(dims, options) : startInPixels(dims, options);
}

async function startInPixels(dims: readonly number[], options: StartOptions): Promise<Start> {
  const { run, scheduler, noise, initialNoise } = options;
  const sample = new ArenaTensor(dims);
  let source: SourcePicture | undefined;
  try {
    source = run.pictures && new SourcePicture(dims, run.pictures, run.mask);
    fillNoise(sample, noise, initialNoise);
    // RePaint's own loop begins with noise alone.
    const picture = scheduler instanceof RePaintScheduler ? undefined : source?.picture;
    if (picture) addFirstNoise(sample, picture, scheduler, skippedSteps(run));
    else scaleNoise(sample, scheduler);
  } catch (error) {
    sample.release();
    source?.release();
    throw error;
  }
  const mask = source?.mask;
  return {
    sample,
    known: source && mask && { picture: source.picture, mask },
    isWhole: source?.isWhole ?? false,
    around: undefined,
    release: () => {
      sample.release();
      source?.release();
    },
  };
}

/** The random numbers are drawn in the order of diffusers' pipelines. */
async function startInLatents(dims: readonly number[], options: StartOptions): Promise<Start> {
  const { plan, components, run, scheduler, noise, initialNoise, signal } = options;
  const { pictures, mask, width, height, blendsLatents } = run;
  const [count = 1, channels = 1] = dims;
  const isInpainter = plan.denoiser.inputChannels > channels;
  if (isInpainter && !mask) {
    throw invalidOption('mask', undefined, 'given, with an image: this model fills masks');
  }
  const held: ArenaTensor[] = [];
  const hold = (tensor: ArenaTensor) => (held.push(tensor), tensor);
  const encoder = plan.autoencoder!;
  const encodeAll = (pixels: ArenaTensor) =>
    components.use('vae_encoder', signal, (session) =>
      encodePictures(session, pixels, { plan: encoder, noise, rows: count, isEach: !mask }, signal),
    );
  try {
    const sample = hold(new ArenaTensor(dims));
    const pixels = pictures && hold(new ArenaTensor([pictures.length, 3, height, width]));
    if (pixels) readPictures(pixels, pictures);
    const isFromNoise = mask !== undefined && run.strength === 1;
    const needsPicture = pixels && (!mask || !isInpainter || !isFromNoise);
    const picture = needsPicture && hold(await encodeAll(pixels));
    fillNoise(sample, noise, initialNoise);
    const first =
      picture && mask && blendsLatents && !isInpainter ? hold(copyOf(sample)) : undefined;
    if (picture && !isFromNoise) addFirstNoise(sample, picture, scheduler, skippedSteps(run));
    else scaleNoise(sample, scheduler);
    const hidden = pixels && mask && hold(hideMasked(pixels, mask));
    const seen = hidden && hold(await encodeAll(hidden));
    const known = mask && hold(latentMask(dims, mask, encoder.factor));
    return {
      sample,
      known:
        picture && known && !(isInpainter && blendsLatents)
          ? { picture, mask: known, noise: first }
          : undefined,
      isWhole: false,
      around: isInpainter && seen && known ? hold(joined(known, seen)) : undefined,
      release: () => held.forEach((tensor) => tensor.release()),
    };
  } catch (error) {
    held.forEach((tensor) => tensor.release());
    throw error;
  }
}

/** Whether a pixel is to be drawn anew, by the part of it that a mask leaves known. */
const isDrawn = (known: number) => known <= 0.5;

/** The pictures with grey where the mask is to be filled. */
function hideMasked(pixels: ArenaTensor, mask: NonNullable<Run['mask']>): ArenaTensor {
  const known = new ArenaTensor(pixels.dims);
  readMask(known, mask);
  const [data, source] = [known.data, pixels.data];
  for (let i = 0; i < data.length; i++) data[i] = isDrawn(data[i]!) ? 0 : source[i]!;
  return known;
}

/** A mask in the size of latents, by the upper left pixel of each: 1 where the picture is known. */
function latentMask(
  dims: readonly number[],
  mask: NonNullable<Run['mask']>,
  factor: number,
): ArenaTensor {
  const { width, height } = mask;
  const pixels = new ArenaTensor([1, 1, height, width]);
  readMask(pixels, mask);
  const latents = new ArenaTensor(dims);
  const [, , rows = 1, columns = 1] = dims;
  const [from, to] = [pixels.data, latents.data];
  for (let i = 0; i < to.length; i++) {
    const y = Math.floor(i / columns) % rows;
    to[i] = isDrawn(from[y * factor * width + (i % columns) * factor]!) ? 0 : 1;
  }
  pixels.release();
  return latents;
}

/** What inpainting networks are given: 1 where they are to draw, then the latents of what is around. */
function joined(known: ArenaTensor, seen: ArenaTensor): ArenaTensor {
  const [count = 1, channels = 1, ...area] = seen.dims;
  const around = new ArenaTensor([count, channels + 1, ...area]);
  const plane = seen.length / count / channels;
  for (let item = 0; item < count; item++) {
    const from = item * channels * plane;
    const to = item * (channels + 1) * plane;
    around.data.set(
      known.data.subarray(from, from + plane).map((value) => 1 - value),
      to,
    );
    around.data.set(seen.data.subarray(from, from + channels * plane), to + plane);
  }
  return around;
}
