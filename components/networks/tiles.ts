import { ArenaTensor } from '../kernels/arena.js';

/** Latents of a tile in each direction, and how many of them two neighbours share. */
const SIDE = 64;
const OVERLAP = 16;

/** Where the tiles along a side of so many latents begin: the last one ends where the side does. */
export function tilesAlong(length: number): number[] {
  if (length <= SIDE) return [0];
  const count = Math.ceil((length - OVERLAP) / (SIDE - OVERLAP));
  return Array.from({ length: count }, (_, i) => Math.round((i * (length - SIDE)) / (count - 1)));
}

/** How much a tile counts at a place: it grows from its edges over the part that it shares. */
const weightAt = (place: number, side: number, shared: number) =>
  Math.min(1, (Math.min(place, side - 1 - place) + 0.5) / shared);

/**
 * Decodes latents in overlapping tiles, whose edges are blended: for pictures so large that the decoder would need too much
 * memory at once.
 *
 * @param latents [N, channels, height, width]
 * @param factor pixels of a latent in each direction
 * @param decode one tile; the tensor that it returns is ours
 */
export async function decodeInTiles(
  latents: ArenaTensor,
  factor: number,
  decode: (tile: ArenaTensor) => Promise<ArenaTensor>,
): Promise<ArenaTensor> {
  const [rows = 1, channels = 1, height = 1, width = 1] = latents.dims;
  const [down, across] = [Math.min(SIDE, height), Math.min(SIDE, width)];
  const tile = new ArenaTensor([rows, channels, down, across]);
  const picture = new ArenaTensor([rows, 3, height * factor, width * factor]);
  const weights = new Float32Array(height * factor * width * factor);
  picture.data.fill(0);
  try {
    for (const top of tilesAlong(height)) {
      for (const left of tilesAlong(width)) {
        cut(tile, latents, top, left);
        const decoded = await decode(tile);
        add(picture, weights, decoded, top * factor, left * factor, OVERLAP * factor);
        decoded.release();
      }
    }
    const { data } = picture;
    for (let i = 0; i < data.length; i++) data[i] = data[i]! / weights[i % weights.length]!;
    return picture;
  } catch (error) {
    picture.release();
    throw error;
  } finally {
    tile.release();
  }
}

function cut(tile: ArenaTensor, latents: ArenaTensor, top: number, left: number): void {
  const [, , height = 1, width = 1] = latents.dims;
  const [rows = 1, channels = 1, down = 1, across = 1] = tile.dims;
  for (let plane = 0; plane < rows * channels; plane++) {
    for (let y = 0; y < down; y++) {
      const from = (plane * height + top + y) * width + left;
      tile.data.set(latents.data.subarray(from, from + across), (plane * down + y) * across);
    }
  }
}

/** Adds a decoded tile to the picture, by its weights, which are added up beside it. */
function add(
  picture: ArenaTensor,
  weights: Float32Array,
  tile: ArenaTensor,
  top: number,
  left: number,
  shared: number,
): void {
  const [, , height = 1, width = 1] = picture.dims;
  const [rows = 1, colours = 3, down = 1, across = 1] = tile.dims;
  const [to, from] = [picture.data, tile.data];
  for (let y = 0; y < down; y++) {
    for (let x = 0; x < across; x++) {
      const weight = weightAt(y, down, shared) * weightAt(x, across, shared);
      const at = (top + y) * width + left + x;
      weights[at]! += weight;
      for (let plane = 0; plane < rows * colours; plane++) {
        to[plane * height * width + at]! += weight * from[(plane * down + y) * across + x]!;
      }
    }
  }
}
