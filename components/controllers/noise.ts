import type { ReactiveController, ReactiveControllerHost } from 'lit';

const SIDE = 28;

/** What every picture begins with, to show until there is one: noise, as a small canvas. */
export class NoiseController implements ReactiveController {
  readonly #canvases: HTMLCanvasElement[] = [];

  constructor(host: ReactiveControllerHost) {
    host.addController(this);
  }

  hostConnected(): void {}

  get canvas(): HTMLCanvasElement {
    return this.canvasOf(0);
  }

  /** One of several, each with noise of its own. */
  canvasOf(index: number): HTMLCanvasElement {
    return (this.#canvases[index] ??= paintNoise());
  }
}

function paintNoise(): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIDE;
  const bytes = crypto.getRandomValues(new Uint8Array(3 * SIDE * SIDE));
  const image = new ImageData(SIDE, SIDE);
  for (let i = 0; i < SIDE * SIDE; i++) {
    // The mean of three even numbers is nearly Gaussian.
    const grey = (bytes[3 * i]! + bytes[3 * i + 1]! + bytes[3 * i + 2]!) / 3;
    image.data.set([grey, grey, grey, 255], 4 * i);
  }
  canvas.getContext('2d')!.putImageData(image, 0, 0);
  return canvas;
}
