import type { Picture } from '../pictures/picture.js';
import { onWhite, toGrey } from '../pictures/tones.js';
import type { DiffusionClient } from '../worker/client.js';
import type { ModelRequest } from '../worker/protocol.js';
import { readImage, type ImageSource } from './image-source.js';

/**
 * Pictures in the size and the tones of a model.
 *
 * @throws DiffusionError `image-invalid`, `image-tainted`, `network`, or why the model can't be described; AbortError
 */
export async function readForModel(
  sources: readonly ImageSource[],
  request: ModelRequest,
  client: DiffusionClient,
  signal: AbortSignal,
): Promise<Picture[]> {
  const traits = await client.describe(request, { signal });
  const pictures = await Promise.all(
    sources.map((source) => readImage(source, traits, { signal })),
  );
  return pictures
    .map(onWhite)
    .map((picture) => (traits.channels === 1 ? toGrey(picture).grey : picture));
}
