import { DiffusionError } from '../errors.js';
import { ArenaTensor, sizeOf } from '../kernels/arena.js';
import { kernels } from '../kernels/kernels.js';
import { decode, encode } from '../networks/autoencoder.js';
import type { Session } from '../runtime/session.js';
import type { AutoencoderPlan } from './plan-parts.js';
import type { NoiseSource } from './noise-source.js';

/** The log variance that an encoder may give, as diffusers limits it. */
const [LOWEST, HIGHEST] = [-30, 20];

/** Multiplies each channel of a batch and adds to it, in place. */
function scaleChannels(
  batch: ArenaTensor,
  factorOf: (channel: number) => number,
  addendOf: (channel: number) => number,
): void {
  const [items = 1, channels = 1, height = 1, width = 1] = batch.dims;
  const area = height * width;
  const { data } = batch;
  for (let plane = 0; plane < items * channels; plane++) {
    const factor = factorOf(plane % channels);
    const addend = addendOf(plane % channels);
    for (let i = plane * area; i < (plane + 1) * area; i++) data[i] = data[i]! * factor + addend;
  }
}

/** The pictures of latents, [N, 3, height, width], about -1 to 1. The tensor is the caller's. */
export async function decodeLatents(
  session: Session,
  latents: ArenaTensor,
  { factor, scale, shift, mean, deviation }: AutoencoderPlan,
  signal?: AbortSignal,
): Promise<ArenaTensor> {
  const scaled = new ArenaTensor(latents.dims);
  try {
    const { pointer, length } = scaled;
    const isPlain = shift === 0 && !mean && !deviation;
    if (isPlain) kernels().divide(pointer, latents.pointer, scale, length);
    else {
      scaled.data.set(latents.data);
      scaleChannels(
        scaled,
        (channel) => (deviation?.[channel] ?? 1) / scale,
        (channel) => shift + (mean?.[channel] ?? 0),
      );
    }
    return await decode(session, scaled, factor, signal);
  } finally {
    scaled.release();
  }
}

export interface Encoding {
  readonly plan: AutoencoderPlan;
  readonly noise: NoiseSource;
  /** Rows of latents that are wanted: copies where there is one picture. */
  readonly rows: number;
  /** Whether each row is sampled by its own generator, where there are several; the first's sample is copied otherwise. */
  readonly isEach: boolean;
}

/**
 * The latents of pictures [N, 3, height, width] in -1 to 1, as the denoiser knows them. An encoder that gives a mean and a log
 * variance is sampled from (Kingma and Welling 2013), once for each picture. The tensor is the caller's.
 */
export async function encodePictures(
  session: Session,
  pictures: ArenaTensor,
  { plan, noise, rows: copies, isEach }: Encoding,
  signal?: AbortSignal,
): Promise<ArenaTensor> {
  const encoded = await encode(session, pictures, signal);
  try {
    const [rows = 1, channels, ...area] = encoded.dims;
    const hasDistribution = channels === 2 * plan.channels;
    if (!hasDistribution && channels !== plan.channels) throw wrongChannels(channels, plan);
    const samples = hasDistribution && isEach && noise.isSplit ? copies : rows;
    const latents = new ArenaTensor([copies, plan.channels, ...area]);
    const drawn = latents.prefix([samples, plan.channels, ...area]);
    if (hasDistribution) {
      if (samples === copies) noise.fill(drawn);
      else noise.fillFirst(drawn);
    }
    sample(drawn, encoded, hasDistribution);
    const { scale, shift, mean, deviation } = plan;
    scaleChannels(
      drawn,
      (channel) => scale / (deviation?.[channel] ?? 1),
      (channel) => (-(shift + (mean?.[channel] ?? 0)) * scale) / (deviation?.[channel] ?? 1),
    );
    repeatRows(latents, samples);
    return latents;
  } finally {
    encoded.release();
  }
}

/** Turns the noise in `drawn` into samples; rows of `encoded` are used again where there are fewer. */
function sample(drawn: ArenaTensor, encoded: ArenaTensor, hasDistribution: boolean): void {
  const [samples = 1] = drawn.dims;
  const [rows = 1] = encoded.dims;
  const length = drawn.length / samples;
  const stride = encoded.length / rows;
  const [out, from] = [drawn.data, encoded.data];
  for (let i = 0; i < drawn.length; i++) {
    const at = (Math.floor(i / length) % rows) * stride + (i % length);
    if (!hasDistribution) out[i] = from[at]!;
    else {
      const logVariance = Math.min(HIGHEST, Math.max(LOWEST, from[at + length]!));
      out[i] = from[at]! + Math.exp(0.5 * logVariance) * out[i]!;
    }
  }
}

/** Fills a batch with copies of its first rows. */
export function repeatRows(batch: ArenaTensor, rows: number): void {
  const [all = 1, ...rest] = batch.dims;
  const length = rows * sizeOf(rest);
  for (let row = rows; row < all; row += rows) batch.data.copyWithin(row * sizeOf(rest), 0, length);
}

function wrongChannels(channels: number | undefined, plan: AutoencoderPlan): DiffusionError {
  return new DiffusionError(
    'model-invalid',
    `The vae_encoder gives ${channels} channels, and the model's latents have ${plan.channels}: it must be as many, or twice ` +
      'as many.',
  );
}
