import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { EXTENT, type PointPlotController } from './point-plot.js';

export interface PointPenEvents {
  /** Whether the plane is there to be drawn on. */
  isActive(): boolean;
  /** A stroke begins. */
  onBegin(): void;
  onPlace(place: readonly [x: number, y: number]): void;
  /** The stroke has ended. */
  onEnd(): void;
}

/** How far a key moves the pen, in the plane's units. */
const STEP = 0.15;
const directions: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, STEP],
  ArrowDown: [0, -STEP],
};

/** Draws points in a plane: by mouse, finger or pen, or by arrow keys and Space. */
export class PointPenController implements ReactiveController {
  #place: readonly [number, number] = [0, 0];
  #focused = false;

  constructor(
    readonly host: ReactiveControllerHost,
    readonly plot: PointPlotController,
    readonly events: PointPenEvents,
  ) {
    host.addController(this);
  }

  hostConnected(): void {}

  /** Where the keys have moved the pen; undefined while they are not in use. */
  get cursor(): readonly [number, number] | undefined {
    return this.#focused && this.events.isActive() ? this.#place : undefined;
  }

  readonly onPointer = (event: PointerEvent): void => {
    const { events, plot } = this;
    if (!events.isActive() || event.buttons === 0) return;
    if (event.type === 'pointerdown') {
      events.onBegin();
      if (event.isTrusted) plot.canvas.setPointerCapture(event.pointerId);
    }
    events.onPlace(plot.placeOf(event));
  };

  readonly onPointerEnd = (): void => {
    if (this.events.isActive()) this.events.onEnd();
  };

  readonly onFocus = ({ type }: FocusEvent): void => {
    this.#focused = type === 'focusin';
    this.host.requestUpdate();
  };

  readonly onKeydown = (event: KeyboardEvent): void => {
    if (!this.events.isActive()) return;
    const direction = directions[event.key];
    if (!direction && event.key !== ' ') return;
    event.preventDefault();
    if (direction) {
      const within = (value: number) => Math.min(EXTENT, Math.max(-EXTENT, value));
      this.#place = [within(this.#place[0] + direction[0]), within(this.#place[1] + direction[1])];
      this.host.requestUpdate();
      return;
    }
    this.events.onBegin();
    this.events.onPlace(this.#place);
    this.events.onEnd();
  };
}
