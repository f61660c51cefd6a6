import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { invalidOption } from '../errors.js';
import { drawPoints, pointSets, pointsOfPicture, type PointSet } from '../pictures/point-sets.js';

/** Points that a stroke leaves at each place, and how far around it. */
const PER_PLACE = 6;
const SPREAD = 0.08;
const FONT_SIZE = 100;

/** The points that are to be learned: a shape, letters, or what a person draws. */
export class PointDataController implements ReactiveController {
  #key = '';
  #points: Float32Array = new Float32Array(0);
  #drawn: number[] = [];

  constructor(readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  hostConnected(): void {}

  get points(): Float32Array {
    return this.#points;
  }

  /**
   * Takes a shape's points; tells whether they are others than before.
   *
   * @throws DiffusionError `invalid-option`
   */
  choose(name: PointSet, letters: string): boolean {
    if (!pointSets.includes(name))
      throw invalidOption('data', name, `one of ${pointSets.join(', ')}`);
    const key = name === 'letters' ? `letters ${letters}` : name;
    if (key === this.#key) return false;
    this.#points =
      name === 'letters'
        ? write(letters)
        : name === 'drawn'
          ? Float32Array.from(this.#drawn)
          : drawPoints(name);
    this.#key = key;
    return true;
  }

  /** Adds points around a place that a person drew over. */
  add([x, y]: readonly [x: number, y: number]): void {
    for (let i = 0; i < PER_PLACE; i++) {
      const [angle, radius] = [2 * Math.PI * Math.random(), SPREAD * Math.sqrt(Math.random())];
      this.#drawn.push(x + radius * Math.cos(angle), y + radius * Math.sin(angle));
    }
    this.#points = Float32Array.from(this.#drawn);
  }

  /** Forgets what was drawn. */
  clear(): void {
    this.#drawn = [];
    this.#points = new Float32Array(0);
  }
}

function write(letters: string): Float32Array {
  const canvas = document.createElement('canvas');
  const font = `900 ${FONT_SIZE}px system-ui, sans-serif`;
  const measuring = canvas.getContext('2d')!;
  measuring.font = font;
  canvas.width = Math.max(1, Math.min(1000, Math.ceil(measuring.measureText(letters).width)));
  canvas.height = FONT_SIZE;
  const context = canvas.getContext('2d')!;
  context.font = font;
  context.textBaseline = 'middle';
  context.fillText(letters, 0, FONT_SIZE / 2);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  return pointsOfPicture(data, canvas.width, canvas.height);
}
