import { DiffusionError, isAbortError } from '../errors.js';
import type { Picture } from '../pipelines/pictures.js';

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

async function decode(source: ImageSource, signal?: AbortSignal): Promise<ImageBitmap> {
  if (isPixels(source)) {
    return createImageBitmap(new ImageData(source.data, source.width, source.height));
  }
  if (typeof source === 'string' || source instanceof URL) {
    return decode(await fetchBlob(source, signal), signal);
  }
  try {
    if (source instanceof HTMLImageElement) await source.decode();
    return await createImageBitmap(source);
  } catch (error) {
    throw invalid("The image can't be decoded: give a PNG, JPEG, WebP, GIF or AVIF.", error);
  }
}

/**
 * A picture as RGBA bytes of this size: its middle, in the shape wanted, scaled with care.
 *
 * @throws DiffusionError `image-invalid`, `image-tainted`, `network`; AbortError
 */
export async function readImage(
  source: ImageSource,
  { width, height }: { readonly width: number; readonly height: number },
  signal?: AbortSignal,
): Promise<Picture> {
  if (isPixels(source) && source.width === width && source.height === height) return source;
  const bitmap = await decode(source, signal);
  try {
    const scale = Math.min(bitmap.width / width, bitmap.height / height);
    const [w, h] = [width * scale, height * scale];
    const [x, y] = [(bitmap.width - w) / 2, (bitmap.height - h) / 2];
    const options = { resizeWidth: width, resizeHeight: height, resizeQuality: 'high' } as const;
    const scaled = await createImageBitmap(bitmap, x, y, w, h, options);
    const context = new OffscreenCanvas(width, height).getContext('2d')!;
    context.drawImage(scaled, 0, 0);
    scaled.close();
    const { data } = context.getImageData(0, 0, width, height);
    return { data, width, height };
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
