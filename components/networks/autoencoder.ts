import { DiffusionError } from '../errors.js';
import { copyOf, type ArenaTensor } from '../kernels/arena.js';
import type { Session } from '../runtime/session.js';
import { findPort, TensorFeed } from './ports.js';
import { RowRunner } from './row-runner.js';
import { decodeInTiles } from './tiles.js';

const LATENTS = ['latent_sample', 'latents', 'z', 'latent'];
const PICTURES = ['sample', 'pixel_values', 'image', 'input', 'x'];
const DECODED = ['sample', 'image', 'pixel_values', 'output'];
const ENCODED = ['latent_parameters', 'latent_sample', 'latents', 'moments'];

/** Pixels of a part that is run at once. */
const MOST_PIXELS = 512 * 512;

/** Pixels of a picture that is decoded in one piece. */
const LARGEST = 1024 * 1024;

/** A picture from its latents, or the other way. */
async function runOver(
  session: Session,
  part: string,
  batch: ArenaTensor,
  names: readonly string[],
  output: readonly string[],
  pixels: number,
  signal: AbortSignal | undefined,
): Promise<ArenaTensor> {
  const { inputs } = session;
  const port = findPort(inputs, names) ?? inputs[0];
  if (!port || inputs.length !== 1) {
    throw new DiffusionError(
      'unsupported-model',
      `The ${part} must have one input; it has ${inputs.map(({ name }) => name).join(', ')}.`,
    );
  }
  const [rows = 1] = batch.dims;
  const feed = new TensorFeed(port, batch);
  const most = Math.max(1, Math.floor(MOST_PIXELS / pixels));
  const feeds = { [port.name]: feed };
  const runner = new RowRunner({ session, part, feeds, rows, most, output });
  try {
    feed.update();
    return copyOf(await runner.run(signal));
  } finally {
    runner.release();
    feed.release();
  }
}

/**
 * The pictures of latents [N, channels, height, width], about -1 to 1: [N, 3, height, width] in pixels; those of more than
 * 1024 x 1024 in overlapping tiles. The tensor is the caller's.
 */
export function decode(
  session: Session,
  latents: ArenaTensor,
  factor: number,
  signal?: AbortSignal,
): Promise<ArenaTensor> {
  const run = (part: ArenaTensor) => {
    const [, , height = 0, width = 0] = part.dims;
    const pixels = height * width * factor ** 2;
    return runOver(session, 'vae_decoder', part, LATENTS, DECODED, pixels, signal);
  };
  const [, , height = 0, width = 0] = latents.dims;
  return height * width * factor ** 2 > LARGEST
    ? decodeInTiles(latents, factor, run)
    : run(latents);
}

/**
 * What the encoder says of pictures in -1 to 1: latents, or a mean and a log variance for each, by the number of its
 * channels. The tensor is the caller's.
 */
export function encode(
  session: Session,
  pictures: ArenaTensor,
  signal?: AbortSignal,
): Promise<ArenaTensor> {
  const [, , height = 0, width = 0] = pictures.dims;
  return runOver(session, 'vae_encoder', pictures, PICTURES, ENCODED, height * width, signal);
}
