import { encode } from 'fast-png';
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
