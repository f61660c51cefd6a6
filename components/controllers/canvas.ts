import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { DiffusionError, invalidOption } from '../errors.js';
import type { Picture } from '../pictures/picture.js';

export interface BlobOptions {
  /** Whole-number enlargement, without smoothing; 1 by default. */
  readonly scale?: number;
  /** A picture type that the browser's canvas can write; PNG by default. */
  readonly type?: string;
  readonly quality?: number;
  /** Whether a PNG holds what drew it, and that a model made it; true by default. */
  readonly metadata?: boolean;
}

/** Columns of a grid that is as square as can be. */
export function gridColumns(count: number): number {
  return Math.max(1, Math.ceil(Math.sqrt(count)));
}

function imageData({ data, width, height }: Picture): ImageData {
  return new ImageData(data, width, height);
}

/** Saves a file where the browser keeps downloads. */
export function saveFile(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/** A canvas as a file's bytes. */
export async function encodeCanvas(
  canvas: HTMLCanvasElement,
  type = 'image/png',
  quality?: number,
): Promise<Blob> {
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, type, quality));
  if (blob) return blob;
  throw new DiffusionError('out-of-memory', 'The picture is too large for this browser to write.');
}

// Setting a canvas's size clears it, so only a new size is set.
function resize(canvas: HTMLCanvasElement, width: number, height: number): void {
  if (canvas.width === width && canvas.height === height) return;
  canvas.width = width;
  canvas.height = height;
}

/** A picture on a canvas of its size. */
export function paintPicture(
  picture: Picture,
  canvas = document.createElement('canvas'),
): HTMLCanvasElement {
  resize(canvas, picture.width, picture.height);
  canvas.getContext('2d')!.putImageData(imageData(picture), 0, 0);
  return canvas;
}

/** Paints pictures on a canvas, pixel for pixel: as a grid, or as a strip of frames. */
export class CanvasController implements ReactiveController {
  readonly canvas = document.createElement('canvas');
  #frames = 0;

  constructor(host: ReactiveControllerHost) {
    host.addController(this);
  }

  hostConnected(): void {}

  /** Whether anything has been painted. */
  get isEmpty(): boolean {
    return this.#frames === 0;
  }

  /** All pictures as a grid, row by row. */
  paint(pictures: readonly Picture[], columns = gridColumns(pictures.length)): void {
    const [first] = pictures;
    if (!first) return;
    const { width, height } = first;
    resize(this.canvas, columns * width, Math.ceil(pictures.length / columns) * height);
    const context = this.canvas.getContext('2d')!;
    pictures.forEach((picture, i) => {
      const x = (i % columns) * width;
      context.putImageData(imageData(picture), x, Math.floor(i / columns) * height);
    });
    this.#frames = 1;
  }

  /** Whatever the function paints; it may set the size. */
  draw(paint: (canvas: HTMLCanvasElement) => void): void {
    paint(this.canvas);
    this.#frames = 1;
  }

  /** Adds a frame to a strip that has room for `total`. */
  append(picture: Picture, total: number): void {
    const { width, height } = picture;
    resize(this.canvas, width * total, height);
    const context = this.canvas.getContext('2d')!;
    context.putImageData(imageData(picture), this.#frames * width, 0);
    this.#frames++;
  }

  clear(): void {
    this.#frames = 0;
    this.canvas.getContext('2d')?.clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  /** The canvas as a file's bytes. */
  async toBlob({ scale = 1, type = 'image/png', quality }: BlobOptions = {}): Promise<Blob> {
    if (this.isEmpty) {
      throw new DiffusionError('invalid-option', 'There is no picture yet: call generate() first.');
    }
    if (!Number.isInteger(scale) || scale < 1 || scale > 256) {
      throw invalidOption('scale', scale, 'a whole number from 1 to 256');
    }
    return encodeCanvas(this.#enlarged(scale), type, quality);
  }

  #enlarged(scale: number): HTMLCanvasElement {
    if (scale === 1) return this.canvas;
    const enlarged = document.createElement('canvas');
    enlarged.width = this.canvas.width * scale;
    enlarged.height = this.canvas.height * scale;
    const context = enlarged.getContext('2d')!;
    context.imageSmoothingEnabled = false;
    context.drawImage(this.canvas, 0, 0, enlarged.width, enlarged.height);
    return enlarged;
  }
}
