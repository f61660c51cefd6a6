import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Picture } from '../pictures/picture.js';
import { CanvasController } from './canvas.js';

/** Pictures in rows, of which one is looked at. */
export class FramesController implements ReactiveController {
  readonly strip: CanvasController;
  #pictures: readonly Picture[] = [];
  #chosen = 0;
  columns = 1;
  rows = 1;

  constructor(
    readonly host: ReactiveControllerHost,
    /** Where the picture that is looked at is shown. */
    readonly view: CanvasController,
  ) {
    host.addController(this);
    this.strip = new CanvasController(host);
  }

  hostConnected(): void {}

  get isEmpty(): boolean {
    return this.#pictures.length === 0;
  }

  get count(): number {
    return this.columns * this.rows;
  }

  get pictures(): readonly Picture[] {
    return this.#pictures;
  }

  get chosen(): number {
    return this.#chosen;
  }

  set chosen(index: number) {
    this.#chosen = Math.min(this.count - 1, Math.max(0, index));
    const picture = this.#pictures[this.#chosen];
    if (picture) this.view.paint([picture]);
    this.host.requestUpdate();
  }

  /** So many will come. */
  expect(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    this.#chosen = Math.min(this.#chosen, this.count - 1);
  }

  show(pictures: readonly Picture[]): void {
    this.#pictures = pictures;
    this.strip.paint(pictures, this.columns);
    this.chosen = this.#chosen;
  }

  clear(): void {
    this.#pictures = [];
    this.strip.clear();
    this.view.clear();
  }

  /** The picture at this place of the strip, in shares of its width and height. */
  indexAt(x: number, y: number): number {
    const column = Math.min(this.columns - 1, Math.max(0, Math.floor(x * this.columns)));
    const row = Math.min(this.rows - 1, Math.max(0, Math.floor(y * this.rows)));
    return row * this.columns + column;
  }
}
