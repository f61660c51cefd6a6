import { DiffusionError, isAbortError } from '../errors.js';
import type { Picture } from '../pictures/picture.js';

/** Whatever holds a picture: the URL of one, a file, an element, a bitmap, or pixels. */
export type ImageSource =
  | string
  | URL
  | Blob
  | Picture
  | HTMLImageElement
  | HTMLCanvasElement
  | OffscreenCanvas
  | ImageBitmap
  | ImageData;

function invalid(message: string, cause?: unknown): DiffusionError {
  return new DiffusionError('image-invalid', message, { cause });
}

async function fetchBlob(address: string | URL, signal?: AbortSignal): Promise<Blob> {
  const url = new URL(address, document.baseURI);
  let response;
  try {
    response = await fetch(url, { signal });
  } catch (error) {
    if (isAbortError(error)) throw error;
    if (url.origin === location.origin || url.protocol === 'data:') {
      throw new DiffusionError('network', `${url} could not be fetched.`, { cause: error });
    }
    throw new DiffusionError(
      'image-tainted',
      `${url} can't be read: its server must send the header Access-Control-Allow-Origin, or the address is wrong.`,
      { cause: error },
    );
  }
  if (!response.ok) throw invalid(`${url} answered ${response.status}: there is no picture.`);
  return response.blob();
}

function isPixels(source: ImageSource): source is Picture {
  return typeof source === 'object' && 'data' in source;
}

/** Longer sides are decoded at this size: no model's is larger, and 100 megapixels are 400 MB. */
const LARGEST_SIDE = 2048;

const UNREADABLE = "The image can't be decoded: give a PNG, JPEG, WebP, GIF, AVIF or SVG.";

/** An element that holds the file's picture; unlike a bitmap it takes SVG, and knows its size undecoded. */
async function loadElement(file: Blob): Promise<HTMLImageElement> {
  const element = new Image();
  const url = URL.createObjectURL(file);
  try {
    await new Promise((resolve, reject) => {
      element.onload = resolve;
      element.onerror = () => reject(invalid(UNREADABLE));
      element.src = url;
    });
  } finally {
    URL.revokeObjectURL(url);
  }
  return element;
}

async function bitmapOfElement(element: HTMLImageElement): Promise<ImageBitmap> {
  const { naturalWidth: width, naturalHeight: height } = element;
  if (width === 0 || height === 0) {
    throw invalid('The image has no size: an SVG needs the attributes width and height.');
  }
  const longest = Math.max(width, height);
  if (longest <= LARGEST_SIDE) return createImageBitmap(element);
  const scale = LARGEST_SIDE / longest;
  return createImageBitmap(element, {
    resizeWidth: Math.max(1, Math.round(width * scale)),
    resizeHeight: Math.max(1, Math.round(height * scale)),
    resizeQuality: 'high',
  });
}

async function decode(source: ImageSource, signal?: AbortSignal): Promise<ImageBitmap> {
  if (isPixels(source)) {
    return createImageBitmap(new ImageData(source.data, source.width, source.height));
  }
  if (typeof source === 'string' || source instanceof URL) {
    return decode(await fetchBlob(source, signal), signal);
  }
  try {
    if (source instanceof HTMLImageElement) {
      await source.decode();
      return await bitmapOfElement(source);
    }
    if (source instanceof Blob) return await bitmapOfElement(await loadElement(source));
    return await createImageBitmap(source);
  } catch (error) {
    throw error instanceof DiffusionError ? error : invalid(UNREADABLE, error);
  }
}

/** The size of a picture, in pixels. */
export async function readSize(
  source: ImageSource,
  signal?: AbortSignal,
): Promise<{ width: number; height: number }> {
  const bitmap = await decode(source, signal);
  const { width, height } = bitmap;
  bitmap.close();
  return { width, height };
}

/** How a picture of another shape is fitted, as in CSS: its middle, or all of it with bars. */
export type Fit = 'cover' | 'contain';

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/**
 * A picture as RGBA bytes of this size, scaled with care.
 *
 * @throws DiffusionError `image-invalid`, `image-tainted`, `network`; AbortError
 */
export async function readImage(
  source: ImageSource,
  size: ImageSize,
  { fit = 'cover', signal }: { fit?: Fit; signal?: AbortSignal } = {},
): Promise<Picture> {
  const { width, height } = size;
  if (isPixels(source) && source.width === width && source.height === height) return source;
  const bitmap = await decode(source, signal);
  try {
    return fit === 'cover' ? await cover(bitmap, size) : await contain(bitmap, size);
  } catch (error) {
    if ((error as Error).name !== 'SecurityError') throw invalid('The image has no pixels.', error);
    throw new DiffusionError(
      'image-tainted',
      'The image comes from another origin: load it with crossorigin="anonymous", from a server that allows it.',
      { cause: error },
    );
  } finally {
    bitmap.close();
  }
}

async function cover(bitmap: ImageBitmap, { width, height }: ImageSize): Promise<Picture> {
  const scale = Math.min(bitmap.width / width, bitmap.height / height);
  const [w, h] = [width * scale, height * scale];
  const [x, y] = [(bitmap.width - w) / 2, (bitmap.height - h) / 2];
  const context = new OffscreenCanvas(width, height).getContext('2d')!;
  await drawScaled(context, bitmap, [x, y, w, h], [0, 0, width, height]);
  return read(context);
}

async function contain(bitmap: ImageBitmap, { width, height }: ImageSize): Promise<Picture> {
  const scale = Math.min(width / bitmap.width, height / bitmap.height);
  const w = Math.max(1, Math.round(bitmap.width * scale));
  const h = Math.max(1, Math.round(bitmap.height * scale));
  const context = new OffscreenCanvas(width, height).getContext('2d')!;
  const all = [0, 0, bitmap.width, bitmap.height] as const;
  const place = [Math.round((width - w) / 2), Math.round((height - h) / 2), w, h] as const;
  await drawScaled(context, bitmap, all, place);
  const picture = read(context);
  extendEdges(picture, place);
  return picture;
}

type Box = readonly [x: number, y: number, width: number, height: number];

async function drawScaled(
  context: OffscreenCanvasRenderingContext2D,
  bitmap: ImageBitmap,
  from: Box,
  [x, y, width, height]: Box,
): Promise<void> {
  const options = { resizeWidth: width, resizeHeight: height, resizeQuality: 'high' } as const;
  const scaled = await createImageBitmap(bitmap, ...from, options);
  context.drawImage(scaled, x, y);
  scaled.close();
}

function read(context: OffscreenCanvasRenderingContext2D): Picture {
  const { width, height } = context.canvas;
  return { data: context.getImageData(0, 0, width, height).data, width, height };
}

/** Fills the bars beside the picture with its nearest pixels. */
function extendEdges({ data, width, height }: Picture, [left, top, w, h]: Box): void {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const fromX = Math.min(left + w - 1, Math.max(left, x));
      const fromY = Math.min(top + h - 1, Math.max(top, y));
      const from = 4 * (fromY * width + fromX);
      data.set(data.subarray(from, from + 4), 4 * (y * width + x));
    }
  }
}

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

/**
 * A picture in grey, for a model of one channel; as a negative where `invert` says so, or by default where its
 * border is light, since such models learned bright things on black.
 */
export function toGrey(picture: Picture, invert?: boolean): Picture {
  const { width, height } = picture;
  const data = picture.data.slice();
  for (let i = 0; i < data.length; i += 4) {
    const grey = 0.299 * data[i]! + 0.587 * data[i + 1]! + 0.114 * data[i + 2]!;
    data.set([grey, grey, grey, 255], i);
  }
  const result = { data, width, height };
  if (invert ?? borderGrey(result) > 127.5) {
    for (let i = 0; i < data.length; i++) if (i % 4 !== 3) data[i] = 255 - data[i]!;
  }
  return result;
}
