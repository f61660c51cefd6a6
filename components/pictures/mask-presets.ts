import { invalidOption } from '../errors.js';
import { paintMask } from './paint-mask.js';
import type { Picture } from './picture.js';

/** Whether the pixel is to be drawn, for a picture of this size. */
type Preset = (x: number, y: number, width: number, height: number) => boolean;

/** Strokes as [x, y, x, y, …] in hundredths of the picture, in the manner of LaMa's masks. */
const thinStrokes = [
  [8, 15, 45, 30, 30, 62, 70, 88],
  [92, 8, 60, 40, 88, 70],
  [5, 90, 25, 72, 12, 48],
];
const wideStrokes = [
  [15, 25, 55, 20, 80, 45],
  [20, 80, 50, 62],
];

function onStrokes(strokes: readonly number[][], radius: number): Preset {
  return (x, y, width, height) => {
    const [px, py] = [(100 * (x + 0.5)) / width, (100 * (y + 0.5)) / height];
    return strokes.some((points) => {
      for (let i = 0; i + 3 < points.length; i += 2) {
        const [ax, ay, bx, by] = points.slice(i, i + 4) as [number, number, number, number];
        const [dx, dy] = [bx - ax, by - ay];
        const along = ((px - ax) * dx + (py - ay) * dy) / (dx * dx + dy * dy);
        const share = Math.min(1, Math.max(0, along));
        if (Math.hypot(px - ax - share * dx, py - ay - share * dy) <= radius) return true;
      }
      return false;
    });
  };
}

/** The six masks of RePaint (Lugmayr et al. 2022, section 5.1). */
const presets = {
  thin: onStrokes(thinStrokes, 4),
  wide: onStrokes(wideStrokes, 14),
  half: (x, _y, width) => x >= width / 2,
  expand: (x, y, width, height) =>
    Math.abs(x + 0.5 - width / 2) > width / 4 || Math.abs(y + 0.5 - height / 2) > height / 4,
  'alternating-lines': (_x, y) => y % 2 === 1,
  // The known pixels are every second one of every second line, the first of them in the corner.
  'super-resolution': (x, y) => x % 2 === 1 || y % 2 === 1,
} satisfies Record<string, Preset>;

export type MaskPreset = keyof typeof presets;

export const maskPresets = Object.keys(presets) as readonly MaskPreset[];

/** A picture of twice the size, of which the preset `super-resolution` keeps each pixel once. */
export function spreadPixels({ data, width, height }: Picture): Picture {
  const spread = new Uint8ClampedArray(16 * width * height);
  for (let i = 0; i < 4 * width * height; i++) {
    const [x, y] = [i % (2 * width), Math.floor(i / (2 * width))];
    const from = 4 * ((y >> 1) * width + (x >> 1));
    spread.set(data.subarray(from, from + 4), 4 * i);
  }
  return { data: spread, width: 2 * width, height: 2 * height };
}

/**
 * A mask for `generate`: white where the picture is to be drawn.
 *
 * @throws DiffusionError `invalid-option` for a name that is no preset's
 */
export function maskPreset(name: string, width: number, height: number): Picture {
  if (!Object.hasOwn(presets, name)) {
    throw invalidOption('mask-preset', name, `one of ${maskPresets.join(', ')}`);
  }
  const preset: Preset = presets[name as MaskPreset];
  return paintMask(width, height, (x, y) => preset(x, y, width, height));
}
