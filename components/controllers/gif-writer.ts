import { applyPalette, GIFEncoder, quantize } from 'gifenc/dist/gifenc.esm.js';
import type { Movie } from './recording.js';

/** Four bits a colour: noise has so many colours that a finer search takes a second a frame. */
const FORMAT = 'rgb444';

/** A movie as an endless GIF, each frame with a palette of its own. */
export async function writeGif({ frames, framesPerSecond, frame }: Movie): Promise<Blob> {
  const gif = GIFEncoder();
  for (let index = 0; index < frames; index++) {
    const canvas = frame(index);
    const { width, height } = canvas;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, width, height);
    const palette = quantize(data, 256, { format: FORMAT });
    gif.writeFrame(applyPalette(data, palette, FORMAT), width, height, {
      palette,
      delay: Math.round(1000 / framesPerSecond),
    });
    // The page stays responsive between two frames.
    await new Promise((resolve) => setTimeout(resolve));
  }
  gif.finish();
  return new Blob([gif.bytes() as Uint8Array<ArrayBuffer>], { type: 'image/gif' });
}
