import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { DiffusionError } from '../errors.js';
import type { Picture } from '../pictures/picture.js';
import { CanvasController, paintPicture } from './canvas.js';
import type { Photo } from './photo.js';

/** What a run worked on: a photo at its own size, and the paint on it as it was then. */
export interface PaintedPhoto {
  readonly photo: Photo;
  readonly paint: HTMLCanvasElement;
}

/** A filled picture beside the one before; on a photo the drawn part stands at its place in the whole. */
export class ResultController implements ReactiveController {
  readonly #before: CanvasController;
  readonly #after: CanvasController;
  /** Of the run that is under way, and of the last one that was finished. */
  #running: PaintedPhoto | undefined;
  #finished: PaintedPhoto | undefined;
  /** The results of the last finished run. */
  #images: readonly Picture[] = [];
  #chosen = 0;
  #split = 50;

  constructor(readonly host: ReactiveControllerHost) {
    host.addController(this);
    this.#before = new CanvasController(host);
    this.#after = new CanvasController(host);
  }

  hostConnected(): void {}

  /** The picture as it was; undefined until a run is done. */
  get before(): HTMLCanvasElement | undefined {
    return this.#before.isEmpty ? undefined : this.#before.canvas;
  }

  /** The picture as drawn so far; undefined until there is one. */
  get after(): HTMLCanvasElement | undefined {
    return this.#after.isEmpty ? undefined : this.#after.canvas;
  }

  get count(): number {
    return this.#images.length;
  }

  /** Which of several results is shown. */
  get chosen(): number {
    return this.#chosen;
  }

  set chosen(index: number) {
    this.#chosen = index;
    this.restore();
  }

  /** How much of the picture before is shown over the result, 0 to 100. */
  get split(): number {
    return this.#split;
  }

  set split(split: number) {
    this.#split = split;
    this.host.requestUpdate();
  }

  /** Whether the last finished run worked on a photo of another size than the model's. */
  get isPhoto(): boolean {
    return this.#finished !== undefined;
  }

  /** A run begins; on a photo, where it does not work on a picture of the model's own size. */
  begin(painted: PaintedPhoto | undefined): void {
    this.#running = painted;
  }

  /** Shows how far the run is. */
  preview(drawn: Picture): void {
    this.#show(drawn, this.#running);
  }

  /** The run is done: `before` is what it worked on, where that is no photo. */
  finish(images: readonly Picture[], before: Picture): void {
    this.#images = images;
    const { photo, paint } = (this.#finished = this.#running) ?? {};
    if (photo) this.#before.draw((canvas) => photo.paint(canvas, undefined, paint!));
    else this.#before.paint([before]);
    this.chosen = 0;
  }

  /** Shows the last finished run's result again; without one nothing. */
  restore(): void {
    const drawn = this.#images[this.#chosen];
    if (drawn) this.#show(drawn, this.#finished);
    else this.#after.clear();
    this.host.requestUpdate();
  }

  /**
   * A result at the size of what its run worked on.
   *
   * @throws DiffusionError `invalid-option` where there is none
   */
  async whole(index = this.#chosen): Promise<HTMLCanvasElement> {
    const drawn = this.#images[index];
    if (!drawn) {
      throw new DiffusionError('invalid-option', 'There is no such result: call generate() first.');
    }
    const { photo, paint } = this.#finished ?? {};
    return photo ? photo.compose(drawn, paint!) : paintPicture(drawn);
  }

  #show(drawn: Picture, { photo, paint }: Partial<PaintedPhoto> = {}): void {
    if (photo) this.#after.draw((canvas) => photo.paint(canvas, drawn, paint!));
    else this.#after.paint([drawn]);
  }
}
