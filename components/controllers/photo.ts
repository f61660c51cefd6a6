import type { Picture } from '../pictures/picture.js';
import { negative } from '../pictures/tones.js';
import { decode, placeInFrame, type Fit, type ImageSource } from './image-source.js';

/** Larger photos come back at this size: more pixels than phones give a canvas. */
const LARGEST_SIDE = 4096;
/** The longer side of what is shown on the page. */
const SHOWN_SIDE = 1024;

/** How a photo was made fit for the model. */
export interface PhotoFitting {
  readonly width: number;
  readonly height: number;
  readonly fit: Fit;
  /** The model saw the photo's negative. */
  readonly inverted: boolean;
}

/**
 * The picture that a person brought, at its own size: what the model drew in its small frame is put back into it, and
 * every other pixel stays as it was.
 */
export class Photo {
  private constructor(
    readonly source: ImageSource,
    readonly shown: ImageBitmap,
    readonly fitting: PhotoFitting,
  ) {}

  static async open(
    source: ImageSource,
    bitmap: ImageBitmap,
    fitting: PhotoFitting,
  ): Promise<Photo> {
    const scale = Math.min(1, SHOWN_SIDE / Math.max(bitmap.width, bitmap.height));
    const shown = await createImageBitmap(bitmap, {
      resizeWidth: Math.max(1, Math.round(bitmap.width * scale)),
      resizeHeight: Math.max(1, Math.round(bitmap.height * scale)),
      resizeQuality: 'high',
    });
    return new Photo(source, shown, fitting);
  }

  /** The part that the model sees, as large as it can be shown, over the picture that it was given. */
  paintFrame(canvas: HTMLCanvasElement, picture: Picture): void {
    const { shown, fitting } = this;
    const { from, to } = placeInFrame(shown, fitting, fitting.fit);
    const scale = Math.max(1, from[2] / to[2]);
    canvas.width = Math.round(fitting.width * scale);
    canvas.height = Math.round(fitting.height * scale);
    const context = canvas.getContext('2d')!;
    context.drawImage(canvasOf(picture), 0, 0, canvas.width, canvas.height);
    context.fillStyle = '#fff';
    const [x, y, w, h] = to.map((value) => value * scale) as [number, number, number, number];
    context.fillRect(x, y, w, h);
    context.drawImage(shown, ...from, x, y, w, h);
  }

  /** The photo with the drawn part in it, small enough to be shown; `drawn` undefined gives the photo alone. */
  paint(canvas: HTMLCanvasElement, drawn: Picture | undefined, mask: HTMLCanvasElement): void {
    this.#compose(canvas, this.shown, drawn, mask);
  }

  /** The same at the photo's own size, 4096 pixels at most on its longer side. */
  async compose(drawn: Picture, mask: HTMLCanvasElement): Promise<HTMLCanvasElement> {
    const bitmap = await decode(this.source, undefined, LARGEST_SIDE);
    const canvas = document.createElement('canvas');
    this.#compose(canvas, bitmap, drawn, mask);
    bitmap.close();
    return canvas;
  }

  #compose(
    canvas: HTMLCanvasElement,
    photo: ImageBitmap,
    drawn: Picture | undefined,
    mask: HTMLCanvasElement,
  ): void {
    const { width, height } = photo;
    [canvas.width, canvas.height] = [width, height];
    const context = canvas.getContext('2d', { willReadFrequently: true })!;
    context.drawImage(photo, 0, 0);
    if (drawn) context.drawImage(this.#layer(photo, drawn, mask), 0, 0);
  }

  /** What the model drew, at its place on the photo and only where the mask is painted. */
  #layer({ width, height }: ImageBitmap, drawn: Picture, mask: HTMLCanvasElement): OffscreenCanvas {
    const { fitting } = this;
    const { from, to } = placeInFrame({ width, height }, fitting, fitting.fit);
    const [x, y, w, h] = from;
    const layer = new OffscreenCanvas(width, height);
    const context = layer.getContext('2d', { willReadFrequently: true })!;
    context.imageSmoothingQuality = 'high';
    context.drawImage(canvasOf(fitting.inverted ? negative(drawn) : drawn), ...to, x, y, w, h);
    context.globalCompositeOperation = 'destination-in';
    const scale = mask.width / fitting.width;
    const [mx, my, mw, mh] = to.map((value) => value * scale) as [number, number, number, number];
    context.drawImage(mask, mx, my, mw, mh, x, y, w, h);
    return layer;
  }
}

function canvasOf({ data, width, height }: Picture): OffscreenCanvas {
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('2d')!.putImageData(new ImageData(data, width, height), 0, 0);
  return canvas;
}
