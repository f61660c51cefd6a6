import { readFile } from 'node:fs/promises';
import { convertIndexedToRgb, decode, encode } from 'fast-png';
import { DiffusionError } from '../errors.js';
import type { Picture } from '../pictures/picture.js';

/** Pictures as the bytes of one PNG: a grid as square as can be, each pixel `scale` times enlarged. */
export function contactSheet(pictures: readonly Picture[], scale: number): Uint8Array {
  const { width, height } = pictures[0]!;
  const columns = Math.ceil(Math.sqrt(pictures.length));
  const rows = Math.ceil(pictures.length / columns);
  const sheet = { width: columns * width * scale, height: rows * height * scale };
  const data = new Uint8Array(sheet.width * sheet.height * 4);
  const pixels = new Uint32Array(data.buffer);
  for (let y = 0; y < sheet.height; y++) {
    for (let x = 0; x < sheet.width; x++) {
      const column = Math.floor(x / (width * scale));
      const row = Math.floor(y / (height * scale));
      const picture = pictures[row * columns + column];
      if (!picture) continue;
      const source = new Uint32Array(picture.data.buffer);
      const inY = Math.floor(y / scale) % height;
      pixels[y * sheet.width + x] = source[inY * width + (Math.floor(x / scale) % width)]!;
    }
  }
  return encode({ ...sheet, data, channels: 4 });
}

/** A PNG file as RGBA. */
export async function readPicture(file: string): Promise<Picture> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new DiffusionError('image-invalid', `${file} cannot be read.`, { cause });
  });
  try {
    const png = decode(bytes);
    const { width, height, depth } = png;
    const raw = png.palette ? convertIndexedToRgb(png) : png.data;
    const channels = raw.length / (width * height);
    const data = new Uint8ClampedArray(4 * width * height);
    for (let i = 0; i < width * height; i++) {
      const at = (channel: number) => raw[i * channels + channel]! / (depth === 16 ? 257 : 1);
      const isGrey = channels < 3;
      for (let channel = 0; channel < 3; channel++)
        data[4 * i + channel] = at(isGrey ? 0 : channel);
      data[4 * i + 3] = channels % 2 === 0 ? at(channels - 1) : 255;
    }
    return { data, width, height };
  } catch (cause) {
    throw new DiffusionError('image-invalid', `${file} is no PNG picture.`, { cause });
  }
}
