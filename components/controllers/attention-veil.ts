import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Picture } from '../pictures/picture.js';
import type { PromptAttention } from '../worker/protocol.js';
import { gridColumns } from './canvas.js';

/** How dark a place is that a word did not draw at all. */
const DARKNESS = 0.85;

/** A veil over a grid of pictures that is thin where a word of their prompts drew. */
export class AttentionVeilController implements ReactiveController {
  readonly canvas = document.createElement('canvas');
  readonly #map = document.createElement('canvas');

  constructor(host: ReactiveControllerHost) {
    host.addController(this);
  }

  hostConnected(): void {}

  /** Draws the veil of a word, by its place in the prompt, over pictures that stand as a grid. */
  draw(pictures: readonly Picture[], attention: readonly PromptAttention[], index: number): void {
    const { width = 1, height = 1 } = pictures[0] ?? {};
    const columns = gridColumns(pictures.length);
    this.canvas.width = columns * width;
    this.canvas.height = Math.ceil(pictures.length / columns) * height;
    const context = this.canvas.getContext('2d')!;
    const word = attention[0]?.words[index]?.word;
    pictures.forEach((_, i) => {
      const given = attention[i];
      const found = given?.words[index];
      if (!found || found.word !== word) return;
      this.#paint(found.map, given.width, given.height);
      const [x, y] = [(i % columns) * width, Math.floor(i / columns) * height];
      context.drawImage(this.#map, x, y, width, height);
    });
  }

  #paint(map: Float32Array, width: number, height: number): void {
    this.#map.width = width;
    this.#map.height = height;
    const context = this.#map.getContext('2d')!;
    const veil = context.createImageData(width, height);
    const [low, high] = [Math.min(...map), Math.max(...map)];
    map.forEach((value, i) => {
      const share = high > low ? (value - low) / (high - low) : 1;
      veil.data[4 * i + 3] = Math.round(255 * DARKNESS * (1 - share));
    });
    context.putImageData(veil, 0, 0);
  }
}
