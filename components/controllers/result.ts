import type { ReactiveController, ReactiveControllerHost } from 'lit';
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
  /** Undefined where the run worked on a picture of the model's own size. */
  painted: PaintedPhoto | undefined;

  constructor(host: ReactiveControllerHost) {
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

  show(drawn: Picture): void {
    const { photo, paint } = this.painted ?? {};
    if (photo) this.#after.draw((canvas) => photo.paint(canvas, drawn, paint!));
    else this.#after.paint([drawn]);
  }

  /** Nothing is shown: no run has ended with a picture. */
  clear(): void {
    this.#after.clear();
  }

  /** Shows what was there before; `picture` where the run did not work on a photo. */
  showBefore(picture: Picture): void {
    const { photo, paint } = this.painted ?? {};
    if (photo) this.#before.draw((canvas) => photo.paint(canvas, undefined, paint!));
    else this.#before.paint([picture]);
  }

  /** A drawn picture at the size of what the run worked on. */
  async whole(drawn: Picture): Promise<HTMLCanvasElement> {
    return this.painted
      ? this.painted.photo.compose(drawn, this.painted.paint)
      : paintPicture(drawn);
  }
}
