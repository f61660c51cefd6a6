import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { isAbortError } from '../errors.js';
import { spreadPixels } from '../pictures/mask-presets.js';
import type { Picture } from '../pictures/picture.js';
import { CanvasController } from './canvas.js';
import { readImage, toGrey, type Fit, type ImageSource } from './image-source.js';

/** How a picture is made fit for a model. */
export interface Fitting {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** Reads the picture at half the size, to be enlarged. */
  readonly half: boolean;
  readonly fit: Fit;
  /** Undefined decides by the picture's border. */
  readonly invert: boolean | undefined;
}

export interface SourceEvents {
  /** What the model wants; it may have to be fetched first. */
  fitting(signal: AbortSignal): Promise<Fitting>;
  onPicture(picture: Picture): void;
  onError(error: Error): void;
}

/** The picture that a run starts from, fitted to the model; of several asked for, the last one counts. */
export class SourceController implements ReactiveController {
  readonly view: CanvasController;
  #reading: AbortController | undefined;
  picture: Picture | undefined;

  constructor(
    readonly host: ReactiveControllerHost,
    readonly events: SourceEvents,
  ) {
    host.addController(this);
    this.view = new CanvasController(host);
  }

  hostConnected(): void {}

  hostDisconnected(): void {
    this.#reading?.abort();
  }

  /** Reads and fits a picture; the events say how it went. */
  async read(source: ImageSource): Promise<void> {
    this.#reading?.abort();
    const { signal } = (this.#reading = new AbortController());
    try {
      const { width, height, fit, invert, channels, half } = await this.events.fitting(signal);
      const size = half ? { width: width >> 1, height: height >> 1 } : { width, height };
      const fitted = await readImage(source, size, { fit, signal });
      if (signal.aborted) return;
      const picture = channels === 1 ? toGrey(fitted, invert) : fitted;
      this.picture = half ? spreadPixels(picture) : picture;
      this.view.paint([this.picture]);
      this.events.onPicture(this.picture);
      this.host.requestUpdate();
    } catch (error) {
      if (!signal.aborted && !isAbortError(error)) this.events.onError(error as Error);
    }
  }
}
