import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Picture } from '../pictures/picture.js';

export type MaskTool = 'brush' | 'eraser' | 'rectangle';

export interface Stroke {
  readonly tool: MaskTool;
  /** Diameter, in pixels of the canvas. */
  readonly size: number;
  /** The share of the diameter over which the edge fades, 0 to 1. */
  readonly feather: number;
  /** As CSS names it; that of masks by default. */
  readonly colour?: string;
}

/** The canvas's longer side is at least so long, so that strokes on a small picture are smooth. */
const WORKING_SIZE = 280;
/** Strokes that can be undone. */
const MEMORY = 30;
const COLOUR = '#e5007d';

/**
 * A mask as paint on a transparent canvas: its opacity is how much of the picture is to be drawn anew. The
 * canvas is a whole number of times as large as the picture.
 */
export class MaskCanvasController implements ReactiveController {
  readonly canvas = document.createElement('canvas');
  #scale = 1;
  #undo: ImageData[] = [];
  #redo: ImageData[] = [];
  #empty: boolean | undefined = true;
  #before: ImageData | undefined;
  #start: readonly [number, number] = [0, 0];
  #last: readonly [number, number] = [0, 0];

  constructor(readonly host: ReactiveControllerHost) {
    host.addController(this);
    this.resize(1, 1);
  }

  hostConnected(): void {}

  /** The picture's size. */
  get width(): number {
    return this.canvas.width / this.#scale;
  }

  get height(): number {
    return this.canvas.height / this.#scale;
  }

  /** Canvas pixels to one of the picture. */
  get scale(): number {
    return this.#scale;
  }

  get canUndo(): boolean {
    return this.#undo.length > 0;
  }

  get canRedo(): boolean {
    return this.#redo.length > 0;
  }

  /** Looked up on the canvas only after a change that may have taken the last paint away. */
  get isEmpty(): boolean {
    return (this.#empty ??= !this.#read().data.some((value, i) => i % 4 === 3 && value > 0));
  }

  /** Takes a picture's size, and forgets the paint. */
  resize(width: number, height: number): void {
    this.#scale = Math.max(1, Math.ceil(WORKING_SIZE / Math.max(width, height)));
    this.canvas.width = width * this.#scale;
    this.canvas.height = height * this.#scale;
    this.#empty = true;
    this.#undo = [];
    this.#redo = [];
    this.host.requestUpdate();
  }

  begin(x: number, y: number, stroke: Stroke): void {
    this.#before = this.#read();
    this.#start = this.#last = [x, y];
    this.move(x, y, stroke);
  }

  move(x: number, y: number, stroke: Stroke): void {
    if (!this.#before) return;
    this.#empty = stroke.tool === 'brush' ? false : undefined;
    if (stroke.tool === 'rectangle') this.#rectangle(x, y);
    else this.#line(this.#last, [x, y], stroke);
    this.#last = [x, y];
  }

  /** Ends the stroke, which can then be undone. */
  end(): void {
    if (!this.#before) return;
    this.#remember(this.#before);
    this.#before = undefined;
  }

  /** Takes the stroke back, as if it had never begun. */
  cancel(): void {
    if (this.#before) this.#context.putImageData(this.#before, 0, 0);
    this.#empty = undefined;
    this.#before = undefined;
  }

  clear(): void {
    this.#change((context) => context.clearRect(0, 0, this.canvas.width, this.canvas.height));
  }

  invert(): void {
    this.#change((context) => {
      context.globalCompositeOperation = 'xor';
      context.fillStyle = COLOUR;
      context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    });
  }

  undo(): void {
    this.#restore(this.#undo, this.#redo);
  }

  redo(): void {
    this.#restore(this.#redo, this.#undo);
  }

  /** Puts a mask on the canvas: white, and opaque, is what is to be drawn. */
  load(mask: Picture): void {
    const { data, width, height } = mask;
    this.#change((context) => {
      const paint = new ImageData(width, height);
      const [r, g, b] = [1, 3, 5].map((i) => parseInt(COLOUR.slice(i, i + 2), 16));
      for (let i = 0; i < data.length; i += 4) {
        const luma = 0.299 * data[i]! + 0.587 * data[i + 1]! + 0.114 * data[i + 2]!;
        paint.data.set([r!, g!, b!, (luma * data[i + 3]!) / 255], i);
      }
      const source = new OffscreenCanvas(width, height);
      source.getContext('2d')!.putImageData(paint, 0, 0);
      context.clearRect(0, 0, this.canvas.width, this.canvas.height);
      context.imageSmoothingEnabled = width > this.width;
      context.drawImage(source, 0, 0, this.canvas.width, this.canvas.height);
    });
  }

  copy(): HTMLCanvasElement {
    const copy = document.createElement('canvas');
    [copy.width, copy.height] = [this.canvas.width, this.canvas.height];
    copy.getContext('2d')!.drawImage(this.canvas, 0, 0);
    return copy;
  }

  /** The mask in the picture's size: each pixel the mean of the canvas's over it. */
  toPicture(): Picture {
    const { width, height } = this;
    const scale = this.#scale;
    const { data: paint } = this.#read();
    const data = new Uint8ClampedArray(4 * width * height);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        let sum = 0;
        for (let i = 0; i < scale * scale; i++) {
          const row = y * scale + Math.floor(i / scale);
          sum += paint[4 * (row * this.canvas.width + x * scale + (i % scale)) + 3]!;
        }
        const value = sum / (scale * scale);
        data.set([value, value, value, 255], 4 * (y * width + x));
      }
    }
    return { data, width, height };
  }

  /** The mask as the bytes of a PNG, white on black. */
  toBlob(): Blob {
    const { width, height, data } = this.toPicture();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [width, height];
    canvas.getContext('2d')!.putImageData(new ImageData(data, width, height), 0, 0);
    const base64 = canvas.toDataURL('image/png').split(',')[1]!;
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    return new Blob([bytes], { type: 'image/png' });
  }

  get #context(): CanvasRenderingContext2D {
    return this.canvas.getContext('2d', { willReadFrequently: true })!;
  }

  #read(): ImageData {
    return this.#context.getImageData(0, 0, this.canvas.width, this.canvas.height);
  }

  #rectangle(x: number, y: number): void {
    const context = this.#context;
    context.putImageData(this.#before!, 0, 0);
    const [startX, startY] = this.#start;
    context.fillStyle = COLOUR;
    context.fillRect(startX, startY, x - startX, y - startY);
  }

  #line(from: readonly [number, number], to: readonly [number, number], stroke: Stroke): void {
    const { tool, size, feather, colour = COLOUR } = stroke;
    const context = this.#context;
    context.save();
    context.globalCompositeOperation = tool === 'eraser' ? 'destination-out' : 'source-over';
    if (feather === 0) {
      context.lineCap = context.lineJoin = 'round';
      context.lineWidth = size;
      context.strokeStyle = colour;
      context.beginPath();
      context.moveTo(...from);
      context.lineTo(to[0] + 0.01, to[1]);
      context.stroke();
    } else {
      this.#stamps(context, from, to, size, feather);
    }
    context.restore();
  }

  /** Soft dots along the line. */
  #stamps(
    context: CanvasRenderingContext2D,
    from: readonly [number, number],
    to: readonly [number, number],
    size: number,
    feather: number,
  ): void {
    const distance = Math.hypot(to[0] - from[0], to[1] - from[1]);
    const count = Math.max(1, Math.ceil(distance / (size / 8)));
    const radius = size / 2;
    for (let i = 1; i <= count; i++) {
      const x = from[0] + ((to[0] - from[0]) * i) / count;
      const y = from[1] + ((to[1] - from[1]) * i) / count;
      const dot = context.createRadialGradient(x, y, radius * (1 - feather), x, y, radius);
      dot.addColorStop(0, COLOUR);
      dot.addColorStop(1, `${COLOUR}00`);
      context.fillStyle = dot;
      context.fillRect(x - radius, y - radius, size, size);
    }
  }

  #change(paint: (context: CanvasRenderingContext2D) => void): void {
    const before = this.#read();
    const context = this.#context;
    context.save();
    paint(context);
    context.restore();
    this.#empty = undefined;
    this.#remember(before);
  }

  #remember(before: ImageData): void {
    this.#undo.push(before);
    if (this.#undo.length > MEMORY) this.#undo.shift();
    this.#redo = [];
    this.host.requestUpdate();
  }

  #restore(from: ImageData[], to: ImageData[]): void {
    const state = from.pop();
    if (!state) return;
    to.push(this.#read());
    this.#context.putImageData(state, 0, 0);
    this.#empty = undefined;
    this.host.requestUpdate();
  }
}
