import type { Picture } from './picture.js';

/** A mask for `generate`: white where the pixel is to be drawn, black elsewhere. */
export function paintMask(
  width: number,
  height: number,
  isDrawn: (x: number, y: number) => boolean,
): Picture {
  const data = new Uint8ClampedArray(4 * width * height);
  for (let i = 0; i < width * height; i++) {
    const value = isDrawn(i % width, Math.floor(i / width)) ? 255 : 0;
    data.fill(value, 4 * i, 4 * i + 3);
    data[4 * i + 3] = 255;
  }
  return { data, width, height };
}
