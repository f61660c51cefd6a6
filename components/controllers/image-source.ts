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
  if (!/^(https?|data|blob|file):$/.test(url.protocol)) {
    throw invalid(`${url.protocol} is no address of a picture.`);
  }
  let response;
  try {
    response = await fetch(url, { signal });
  } catch (error) {
    if (isAbortError(error)) throw error;
    const code = (await answersOthers(url)) ? 'image-tainted' : 'network';
    const advice = {
      network: 'check the address and the connection.',
      'image-tainted': 'its server must send the header Access-Control-Allow-Origin.',
    };
    throw new DiffusionError(code, `${url} can't be read: ${advice[code]}`, { cause: error });
  }
  if (!response.ok) throw invalid(`${url} answered ${response.status}: there is no picture.`);
  return response.blob();
}

/** Whether a server of another origin answers at all, though not to scripts. */
async function answersOthers(url: URL): Promise<boolean> {
  if (url.origin === globalThis.origin || url.protocol === 'data:') return false;
  return fetch(url, { mode: 'no-cors' }).then(
    () => true,
    () => false,
  );
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

async function bitmapOfElement(element: HTMLImageElement, largest: number): Promise<ImageBitmap> {
  const { naturalWidth: width, naturalHeight: height } = element;
  if (width === 0 || height === 0) {
    throw invalid('The image has no size: an SVG needs the attributes width and height.');
  }
  const longest = Math.max(width, height);
  const scale = Math.min(1, largest / longest);
  const resizeWidth = Math.max(1, Math.round(width * scale));
  const resizeHeight = Math.max(1, Math.round(height * scale));
  try {
    if (scale === 1) return await createImageBitmap(element);
    return await createImageBitmap(element, { resizeWidth, resizeHeight, resizeQuality: 'high' });
  } catch {
    // An SVG that only has a viewBox can be drawn, though not made a bitmap.
    const canvas = new OffscreenCanvas(resizeWidth, resizeHeight);
    canvas.getContext('2d')!.drawImage(element, 0, 0, resizeWidth, resizeHeight);
    return canvas.transferToImageBitmap();
  }
}

/**
 * A picture as a bitmap, at most so large.
 *
 * @throws DiffusionError `image-invalid`, `image-tainted`, `network`; AbortError
 */
export async function decode(
  source: ImageSource,
  signal?: AbortSignal,
  largest = LARGEST_SIDE,
): Promise<ImageBitmap> {
  if (isPixels(source)) {
    return createImageBitmap(new ImageData(source.data, source.width, source.height));
  }
  if (typeof source === 'string' || source instanceof URL) {
    return decode(await fetchBlob(source, signal), signal, largest);
  }
  try {
    if (source instanceof HTMLImageElement) {
      await source.decode();
      return await bitmapOfElement(source, largest);
    }
    if (source instanceof Blob) return await bitmapOfElement(await loadElement(source), largest);
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
    return await fitBitmap(bitmap, size, fit);
  } finally {
    bitmap.close();
  }
}

/** Which part of a picture goes where in a frame of this size. */
export interface Placement {
  readonly from: Box;
  readonly to: Box;
}

export function placeInFrame(picture: ImageSize, frame: ImageSize, fit: Fit): Placement {
  const { width, height } = frame;
  if (fit === 'cover') {
    const scale = Math.min(picture.width / width, picture.height / height);
    const [w, h] = [width * scale, height * scale];
    const from = [(picture.width - w) / 2, (picture.height - h) / 2, w, h] as const;
    return { from, to: [0, 0, width, height] };
  }
  const scale = Math.min(width / picture.width, height / picture.height);
  const w = Math.max(1, Math.round(picture.width * scale));
  const h = Math.max(1, Math.round(picture.height * scale));
  const to = [Math.round((width - w) / 2), Math.round((height - h) / 2), w, h] as const;
  return { from: [0, 0, picture.width, picture.height], to };
}

/**
 * A bitmap as RGBA bytes of this size; what it leaves free takes its nearest pixels.
 *
 * @throws DiffusionError `image-invalid`, `image-tainted`
 */
export async function fitBitmap(bitmap: ImageBitmap, frame: ImageSize, fit: Fit): Promise<Picture> {
  const { from, to } = placeInFrame(bitmap, frame, fit);
  try {
    const context = new OffscreenCanvas(frame.width, frame.height).getContext('2d')!;
    await drawScaled(context, bitmap, from, to);
    const picture = read(context);
    if (fit === 'contain') extendEdges(picture, to);
    return picture;
  } catch (error) {
    if ((error as Error).name !== 'SecurityError') throw invalid('The image has no pixels.', error);
    throw new DiffusionError(
      'image-tainted',
      'The image comes from another origin: load it with crossorigin="anonymous", from a server that allows it.',
      { cause: error },
    );
  }
}

export type Box = readonly [x: number, y: number, width: number, height: number];

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
