import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { MaskCanvasController, Stroke } from './mask-canvas.js';

export interface BrushEvents {
  /** The stroke to paint with now; undefined where painting is not allowed. */
  stroke(): Stroke | undefined;
  /** The mask is changing under the pointer. */
  onInput(): void;
  /** A stroke is done. */
  onChange(): void;
  /** A key that asks for another size, by a factor. */
  onResize(factor: number): void;
  /** A key that asks for a change of the whole mask. */
  onCommand(command: 'undo' | 'redo' | 'clear'): void;
}

/** A pen's pressure sets the width between these shares of the size. */
const [LIGHTEST, HEAVIEST] = [0.3, 1.3];
/** The share of the brush that an arrow key moves it by. */
const KEY_STEP = 0.25;

const arrows: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Paints on a mask with mouse, finger, pen or keys. A second finger ends the stroke: that is a pinch. */
export class BrushController implements ReactiveController {
  #pointers = new Set<number>();
  #painting: number | 'key' | undefined;
  /** Where the keys' brush stands, in pixels of the canvas; undefined until a key moves it. */
  cursor: readonly [number, number] | undefined;

  constructor(
    readonly host: ReactiveControllerHost & HTMLElement,
    readonly mask: MaskCanvasController,
    readonly events: BrushEvents,
  ) {
    host.addController(this);
  }

  hostConnected(): void {}

  hostDisconnected(): void {
    this.#pointers.clear();
    this.#end(false);
  }

  readonly onPointerDown = (event: PointerEvent): void => {
    this.#pointers.add(event.pointerId);
    if (this.#pointers.size > 1) return this.#end(false);
    const stroke = this.#strokeOf(event);
    if (!stroke || event.button > 0) return;
    event.preventDefault();
    const surface = event.currentTarget as HTMLElement;
    surface.focus({ preventScroll: true });
    surface.setPointerCapture(event.pointerId);
    this.#painting = event.pointerId;
    this.mask.begin(...this.#place(event), stroke);
    this.events.onInput();
  };

  readonly onPointerMove = (event: PointerEvent): void => {
    if (this.#painting !== event.pointerId) return;
    const passed = event.getCoalescedEvents?.() ?? [];
    for (const each of passed.length > 0 ? passed : [event]) {
      const stroke = this.#strokeOf(each);
      if (stroke) this.mask.move(...this.#place(each), stroke);
    }
    this.events.onInput();
  };

  readonly onPointerUp = (event: PointerEvent): void => {
    this.#pointers.delete(event.pointerId);
    if (this.#painting === event.pointerId) this.#end(event.type === 'pointerup');
  };

  readonly onKeyDown = (event: KeyboardEvent): void => {
    const { key } = event;
    const withControl = event.ctrlKey || event.metaKey;
    const undoes = withControl && key.toLowerCase() === 'z';
    const arrow = arrows[key];
    if (arrow) this.#moveCursor(arrow, event.shiftKey);
    else if (key === ' ') this.#press(event.repeat);
    else if (key === '[' || key === ']') this.events.onResize(key === '[' ? 0.8 : 1.25);
    else if (key === 'Delete') this.events.onCommand('clear');
    else if (withControl && key.toLowerCase() === 'y') this.events.onCommand('redo');
    else if (undoes) this.events.onCommand(event.shiftKey ? 'redo' : 'undo');
    else return;
    event.preventDefault();
  };

  readonly onKeyUp = (event: KeyboardEvent): void => {
    if (event.key === ' ' && this.#painting === 'key') this.#end(true);
  };

  readonly onBlur = (): void => {
    if (this.#painting === 'key') this.#end(true);
  };

  #press(repeat: boolean): void {
    const stroke = this.events.stroke();
    if (repeat || !stroke || this.#painting !== undefined) return;
    this.#painting = 'key';
    this.mask.begin(...this.#cursorOrCentre(), stroke);
    this.events.onInput();
  }

  #moveCursor([dx, dy]: readonly [number, number], far: boolean): void {
    const stroke = this.events.stroke();
    if (!stroke) return;
    const step = stroke.size * KEY_STEP * (far ? 4 : 1);
    const { width, height } = this.mask.canvas;
    const [x, y] = this.#cursorOrCentre();
    const place = [
      Math.min(width, Math.max(0, x + dx * step)),
      Math.min(height, Math.max(0, y + dy * step)),
    ] as const;
    this.cursor = place;
    if (this.#painting === 'key') {
      this.mask.move(...place, stroke);
      this.events.onInput();
    }
    this.host.requestUpdate();
  }

  #cursorOrCentre(): readonly [number, number] {
    const { width, height } = this.mask.canvas;
    return this.cursor ?? [width / 2, height / 2];
  }

  #end(keep: boolean): void {
    if (this.#painting === undefined) return;
    this.#painting = undefined;
    if (!keep) return this.mask.cancel();
    this.mask.end();
    this.events.onChange();
  }

  #strokeOf({ pointerType, pressure }: PointerEvent): Stroke | undefined {
    const stroke = this.events.stroke();
    if (!stroke || pointerType !== 'pen') return stroke;
    return { ...stroke, size: stroke.size * (LIGHTEST + (HEAVIEST - LIGHTEST) * pressure) };
  }

  /** A pointer's place on the canvas. */
  #place({ clientX, clientY }: PointerEvent): readonly [number, number] {
    const { canvas } = this.mask;
    const box = canvas.getBoundingClientRect();
    const x = ((clientX - box.left) / box.width) * canvas.width;
    const y = ((clientY - box.top) / box.height) * canvas.height;
    return [x, y];
  }
}
