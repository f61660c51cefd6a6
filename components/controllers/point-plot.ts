import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** What stands in the plane: x and y of points, one after the other. */
export interface PointScene {
  readonly data: Float32Array;
  readonly samples?: Float32Array;
  /** Directions on a grid of so many points a side, as the training reports them. */
  readonly field?: Float32Array;
  readonly side: number;
  /** Where keys have moved the pen. */
  readonly cursor?: readonly [x: number, y: number];
  /** Places of points one after the other, up to the one shown: [steps][points][2]. */
  readonly path?: { readonly points: Float32Array; readonly count: number; readonly step: number };
}

/** How far the plane reaches from its centre, in the data's units. */
export const EXTENT = 2.6;

const MOST_TRAILS = 30;

/** Points of data and of a network, arrows and paths on a square canvas, sharp on any screen. */
export class PointPlotController implements ReactiveController {
  readonly canvas = document.createElement('canvas');

  constructor(readonly host: ReactiveControllerHost & HTMLElement) {
    host.addController(this);
  }

  hostConnected(): void {}

  paint(scene: PointScene): void {
    const { canvas } = this;
    const size = Math.round((canvas.clientWidth || 320) * Math.min(2, devicePixelRatio));
    if (canvas.width !== size) canvas.width = canvas.height = size;
    const context = canvas.getContext('2d')!;
    // Resolved for the page's scheme, which custom properties are not.
    const style = getComputedStyle(canvas);
    context.clearRect(0, 0, size, size);
    const dot = size / 170;
    if (scene.field) this.#arrows(context, scene, style.textDecorationColor);
    this.#points(context, scene.data, 0.8 * dot, style.outlineColor);
    if (scene.path) this.#trails(context, scene.path, style.columnRuleColor);
    const { path } = scene;
    const samples = path
      ? path.points.subarray(2 * path.count * path.step, 2 * path.count * (path.step + 1))
      : scene.samples;
    if (samples) this.#points(context, samples, 1.2 * dot, style.color);
    if (scene.cursor) this.#cursor(context, scene.cursor, style.color);
  }

  /** Where in the plane a pointer is. */
  placeOf({ clientX, clientY }: PointerEvent): [x: number, y: number] {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    const share = (value: number) => EXTENT * (2 * value - 1);
    return [share((clientX - left) / width), -share((clientY - top) / height)];
  }

  #points(
    context: CanvasRenderingContext2D,
    points: Float32Array,
    radius: number,
    colour: string,
  ): void {
    const { width } = this.canvas;
    const scale = width / (2 * EXTENT);
    context.fillStyle = colour;
    for (let i = 0; i < points.length; i += 2) {
      const x = width / 2 + points[i]! * scale;
      const y = width / 2 - points[i + 1]! * scale;
      context.fillRect(x - radius, y - radius, 2 * radius, 2 * radius);
    }
  }

  #cursor(
    context: CanvasRenderingContext2D,
    [x, y]: readonly [number, number],
    colour: string,
  ): void {
    const { width } = this.canvas;
    const scale = width / (2 * EXTENT);
    const [left, top] = [width / 2 + x * scale, width / 2 - y * scale];
    context.strokeStyle = colour;
    context.lineWidth = width / 200;
    context.beginPath();
    context.arc(left, top, width / 50, 0, 2 * Math.PI);
    context.moveTo(left - width / 30, top);
    context.lineTo(left + width / 30, top);
    context.moveTo(left, top - width / 30);
    context.lineTo(left, top + width / 30);
    context.stroke();
  }

  #arrows(context: CanvasRenderingContext2D, { field, side }: PointScene, colour: string): void {
    const { width } = this.canvas;
    const cell = width / (side - 1);
    context.strokeStyle = context.fillStyle = colour;
    context.lineWidth = width / 400;
    for (let i = 0; i < side * side; i++) {
      const [dx, dy] = [field![2 * i]!, -field![2 * i + 1]!];
      const length = Math.hypot(dx, dy);
      if (!(length > 1e-3)) continue;
      // Long ones are shortened, so that directions stay legible.
      const shown = (0.42 * cell * Math.tanh(length)) / length;
      const x = (i % side) * cell;
      const y = width - Math.floor(i / side) * cell;
      context.beginPath();
      context.moveTo(x - dx * shown, y - dy * shown);
      context.lineTo(x + dx * shown, y + dy * shown);
      context.stroke();
      this.#head(context, x + dx * shown, y + dy * shown, Math.atan2(dy, dx));
    }
  }

  /** The point of an arrow. */
  #head(context: CanvasRenderingContext2D, x: number, y: number, angle: number): void {
    const size = this.canvas.width / 70;
    context.beginPath();
    context.moveTo(x, y);
    for (const side of [-1, 1]) {
      const back = angle + Math.PI + side * 0.45;
      context.lineTo(x + size * Math.cos(back), y + size * Math.sin(back));
    }
    context.closePath();
    context.fill();
  }

  #trails(
    context: CanvasRenderingContext2D,
    { points, count, step }: NonNullable<PointScene['path']>,
    colour: string,
  ): void {
    const { width } = this.canvas;
    const scale = width / (2 * EXTENT);
    context.strokeStyle = colour;
    context.lineWidth = width / 500;
    context.globalAlpha = 0.5;
    for (let point = 0; point < Math.min(count, MOST_TRAILS); point++) {
      context.beginPath();
      for (let at = 0; at <= step; at++) {
        const i = 2 * (at * count + point);
        context.lineTo(width / 2 + points[i]! * scale, width / 2 - points[i + 1]! * scale);
      }
      context.stroke();
    }
    context.globalAlpha = 1;
  }
}
