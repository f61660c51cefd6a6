import type { ReactiveController, ReactiveControllerHost } from 'lit';

type Point = readonly [x: number, y: number];

const MOST = 8;
const KEY_FACTOR = 1.5;
const WHEEL_SPEED = 0.01;

const middle = ([ax, ay]: Point, [bx, by]: Point): Point => [(ax + bx) / 2, (ay + by) / 2];
const distance = ([ax, ay]: Point, [bx, by]: Point) => Math.hypot(ax - bx, ay - by);

/**
 * Zoom and pan of what fills a surface: two fingers, Ctrl and the wheel (a trackpad's pinch), the wheel or the
 * middle button to move, and keys. Places are shares of the surface, 0 to 1.
 */
export class ZoomController implements ReactiveController {
  #scale = 1;
  #left = 0;
  #top = 0;
  #grips = new Map<number, Point>();

  constructor(readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  hostConnected(): void {}

  hostDisconnected(): void {
    this.#grips.clear();
  }

  /** 1 shows all of it. */
  get scale(): number {
    return this.#scale;
  }

  /** For the style of what is zoomed, whose `transform-origin` is its corner. */
  get transform(): string {
    return `translate(${100 * this.#left}%, ${100 * this.#top}%) scale(${this.#scale})`;
  }

  reset(): void {
    this.#show(1, 0, 0);
  }

  /** Zooms so that the place stays where it is. */
  zoom(factor: number, [x, y]: Point = [0.5, 0.5]): void {
    const scale = Math.min(MOST, Math.max(1, this.#scale * factor));
    const ratio = scale / this.#scale;
    this.#show(scale, x - (x - this.#left) * ratio, y - (y - this.#top) * ratio);
  }

  /** Moves what is shown. */
  pan(dx: number, dy: number): void {
    this.#show(this.#scale, this.#left + dx, this.#top + dy);
  }

  /** Moves so that a place of the content, in shares of it, is in sight. */
  reveal([x, y]: Point): void {
    const inside = (start: number, share: number) =>
      Math.min(1 - share * this.#scale, Math.max(-share * this.#scale, start));
    this.#show(this.#scale, inside(this.#left, x), inside(this.#top, y));
  }

  readonly onPointerDown = (event: PointerEvent): void => {
    if (event.pointerType !== 'touch' && event.button !== 1) return;
    this.#grips.set(event.pointerId, this.#place(event));
    if (event.button !== 1) return;
    event.preventDefault();
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
  };

  readonly onPointerMove = (event: PointerEvent): void => {
    const before = this.#grips.get(event.pointerId);
    if (!before) return;
    const now = this.#place(event);
    const other = [...this.#grips].find(([id]) => id !== event.pointerId)?.[1];
    this.#grips.set(event.pointerId, now);
    if (other) {
      const [fromX, fromY] = middle(before, other);
      const [toX, toY] = middle(now, other);
      this.pan(toX - fromX, toY - fromY);
      this.zoom(distance(now, other) / Math.max(distance(before, other), 1e-3), [toX, toY]);
    } else if (event.pointerType !== 'touch') {
      this.pan(now[0] - before[0], now[1] - before[1]);
    }
  };

  readonly onPointerUp = (event: PointerEvent): void => {
    this.#grips.delete(event.pointerId);
  };

  readonly onWheel = (event: WheelEvent): void => {
    if (event.ctrlKey) {
      this.zoom(Math.exp(-event.deltaY * WHEEL_SPEED), this.#place(event));
    } else {
      if (this.#scale === 1) return;
      const { width, height } = (event.currentTarget as HTMLElement).getBoundingClientRect();
      this.pan(-event.deltaX / width, -event.deltaY / height);
    }
    event.preventDefault();
  };

  readonly onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey) return;
    if (event.key === '+' || event.key === '=') this.zoom(KEY_FACTOR);
    else if (event.key === '-') this.zoom(1 / KEY_FACTOR);
    else if (event.key === '0') this.reset();
    else return;
    event.preventDefault();
  };

  #place({ clientX, clientY, currentTarget }: MouseEvent): Point {
    const box = (currentTarget as HTMLElement).getBoundingClientRect();
    return [(clientX - box.left) / box.width, (clientY - box.top) / box.height];
  }

  /** Shows the content at this scale and place, and no emptiness beside it. */
  #show(scale: number, left: number, top: number): void {
    this.#scale = scale;
    this.#left = Math.min(0, Math.max(1 - scale, left));
    this.#top = Math.min(0, Math.max(1 - scale, top));
    this.host.requestUpdate();
  }
}
