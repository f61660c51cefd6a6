import { invalidOption } from '../errors.js';
import { paintMask } from './paint-mask.js';
import type { Picture } from './picture.js';

const sides = ['left', 'right', 'top', 'bottom'] as const;

/** Where to draw beyond a picture's frame. */
export interface Expansion {
  readonly side: (typeof sides)[number];
  /** Pixels to add, 1 to 1024. */
  readonly amount: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** One place of the model's frame on the larger picture: its corner, and what is not drawn there yet. */
export interface ExpansionWindow {
  readonly x: number;
  readonly y: number;
  /** White where the window is to be drawn. */
  readonly mask: Picture;
}

const MOST = 1024;
/** The share of the frame that each window draws; it sees the rest. */
const NEW_SHARE = 0.5;

/** @throws DiffusionError `invalid-option` */
export function checkExpansion(expansion: Expansion): Expansion {
  const { side, amount } = expansion;
  if (!sides.includes(side)) {
    throw invalidOption("expand's side", side, `one of ${sides.join(', ')}`);
  }
  if (!Number.isInteger(amount) || amount < 1 || amount > MOST) {
    throw invalidOption("expand's amount", amount, `a whole number of pixels from 1 to ${MOST}`);
  }
  return { side, amount };
}

/**
 * Reads a side and an amount, such as `right 14`.
 *
 * @throws DiffusionError `invalid-option`
 */
export function parseExpansion(text: string): Expansion {
  const [side, amount, ...rest] = text.trim().toLowerCase().split(/\s+/);
  if (!amount || rest.length > 0) {
    throw invalidOption('expand', text, 'a side and an amount in pixels, such as right 14');
  }
  return checkExpansion({ side, amount: Number(amount) } as Expansion);
}

const isHorizontal = ({ side }: Expansion) => side === 'left' || side === 'right';

/** The size of the larger picture. */
function extendedSize({ width, height }: Size, expansion: Expansion): Size {
  const { amount } = expansion;
  return isHorizontal(expansion)
    ? { width: width + amount, height }
    : { width, height: height + amount };
}

/** The larger picture with this one in its place, and nothing (transparent) beyond. */
export function extendPicture(picture: Picture, expansion: Expansion): Picture {
  const size = extendedSize(picture, expansion);
  const extended = { data: new Uint8ClampedArray(4 * size.width * size.height), ...size };
  const x = expansion.side === 'left' ? expansion.amount : 0;
  const y = expansion.side === 'top' ? expansion.amount : 0;
  pastePicture(extended, picture, x, y);
  return extended;
}

/**
 * The model's frame sliding out of the picture: each window sees half of what is there and draws the other half,
 * the last one what is left.
 */
export function expansionWindows(frame: Size, expansion: Expansion): ExpansionWindow[] {
  const { side, amount } = expansion;
  const along = isHorizontal(expansion) ? frame.width : frame.height;
  const stride = Math.max(1, Math.floor(along * NEW_SHARE));
  return Array.from({ length: Math.ceil(amount / stride) }, (_, i) => {
    const reached = Math.min((i + 1) * stride, amount);
    const fresh = reached - i * stride;
    const outward = side === 'right' || side === 'bottom';
    const start = outward ? reached : amount - reached;
    const isNew = (place: number) => (outward ? place >= along - fresh : place < fresh);
    const mask = paintMask(frame.width, frame.height, (x, y) =>
      isNew(isHorizontal(expansion) ? x : y),
    );
    return isHorizontal(expansion) ? { x: start, y: 0, mask } : { x: 0, y: start, mask };
  });
}

/** What a window shows; black, opaque, where nothing is drawn yet. */
export function cropPicture(
  picture: Picture,
  { width, height }: Size,
  x: number,
  y: number,
): Picture {
  const data = new Uint8ClampedArray(4 * width * height);
  for (let row = 0; row < height; row++) {
    const from = 4 * ((y + row) * picture.width + x);
    data.set(picture.data.subarray(from, from + 4 * width), 4 * row * width);
  }
  for (let i = 3; i < data.length; i += 4) data[i] = 255;
  return { data, width, height };
}

/** Puts a picture into a larger one. */
export function pastePicture(
  target: Picture,
  { data, width, height }: Picture,
  x: number,
  y: number,
): void {
  for (let row = 0; row < height; row++) {
    const line = data.subarray(4 * row * width, 4 * (row + 1) * width);
    target.data.set(line, 4 * ((y + row) * target.width + x));
  }
}
