import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { decode, type ImageSource } from './image-source.js';
import { MaskCanvasController } from './mask-canvas.js';

/** Its side, in pixels: strokes are smooth, and it is quick to read. */
const SIDE = 280;

/** A square to draw on: paint over a ground, which is one colour, a picture or a camera's frame. */
export class SketchController implements ReactiveController {
  readonly paint: MaskCanvasController;
  /** A picture under the paint, transparent where there is none. */
  readonly ground = document.createElement('canvas');
  readonly #whole = document.createElement('canvas');
  #hasPicture = false;

  constructor(
    host: ReactiveControllerHost,
    readonly colour: () => string,
  ) {
    host.addController(this);
    this.paint = new MaskCanvasController(host);
    this.paint.resize(SIDE, SIDE);
    for (const canvas of [this.#whole, this.ground]) canvas.width = canvas.height = SIDE;
  }

  hostConnected(): void {}

  /** Nothing is drawn, and the ground is empty. */
  get isEmpty(): boolean {
    return !this.#hasPicture && this.paint.isEmpty;
  }

  /** What the model is to follow: the ground with the paint on it. */
  compose(): HTMLCanvasElement {
    const context = this.#whole.getContext('2d', { willReadFrequently: true })!;
    context.fillStyle = this.colour();
    context.fillRect(0, 0, SIDE, SIDE);
    if (this.#hasPicture) context.drawImage(this.ground, 0, 0);
    context.drawImage(this.paint.canvas, 0, 0, SIDE, SIDE);
    return this.#whole;
  }

  /**
   * Takes a picture as the ground: the middle of it.
   *
   * @throws DiffusionError `image-invalid`, `image-tainted`, `network`
   */
  async load(source: ImageSource, signal?: AbortSignal): Promise<void> {
    const bitmap = await decode(source, signal);
    this.show(bitmap, bitmap.width, bitmap.height);
    bitmap.close();
  }

  /** The same of what can be painted at once. */
  show(picture: CanvasImageSource, width: number, height: number): void {
    const side = Math.min(width, height);
    if (side === 0) return;
    const context = this.ground.getContext('2d')!;
    context.clearRect(0, 0, SIDE, SIDE);
    const [x, y] = [(width - side) / 2, (height - side) / 2];
    context.drawImage(picture, x, y, side, side, 0, 0, SIDE, SIDE);
    this.#hasPicture = true;
  }

  /** The ground is one colour again. */
  removePicture(): void {
    this.#hasPicture = false;
    this.ground.getContext('2d')!.clearRect(0, 0, SIDE, SIDE);
  }

  /** Takes all paint, and the picture, away. */
  clear(): void {
    this.removePicture();
    if (!this.paint.isEmpty) this.paint.clear();
  }
}
