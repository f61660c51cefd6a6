import type { Picture } from './picture.js';

/** The mean grey of the picture's border, 0 to 255. */
function borderGrey({ data, width, height }: Picture): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    if (x > 0 && y > 0 && x < width - 1 && y < height - 1) continue;
    sum += data[4 * i]!;
    count++;
  }
  return sum / count;
}

/** A picture on white paper: models know no transparency. */
export function onWhite({ data, width, height }: Picture): Picture {
  const opaque = data.slice();
  for (let i = 0; i < data.length; i += 4) {
    const alpha = data[i + 3]! / 255;
    if (alpha === 1) continue;
    for (let c = 0; c < 3; c++) opaque[i + c] = alpha * data[i + c]! + (1 - alpha) * 255;
    opaque[i + 3] = 255;
  }
  return { data: opaque, width, height };
}

/** Bright and dark exchanged. */
export function negative({ data, width, height }: Picture): Picture {
  const inverted = data.map((value, i) => (i % 4 === 3 ? value : 255 - value));
  return { data: inverted, width, height };
}

/**
 * A picture in grey, for a model of one channel; as a negative where `invert` says so, or by default where its
 * border is light, since such models learned bright things on black.
 */
export function toGrey(picture: Picture, invert?: boolean): { grey: Picture; inverted: boolean } {
  const { width, height } = picture;
  const data = picture.data.slice();
  for (let i = 0; i < data.length; i += 4) {
    const grey = 0.299 * data[i]! + 0.587 * data[i + 1]! + 0.114 * data[i + 2]!;
    data.set([grey, grey, grey, 255], i);
  }
  const grey = { data, width, height };
  const inverted = invert ?? borderGrey(grey) > 127.5;
  return { grey: inverted ? negative(grey) : grey, inverted };
}
