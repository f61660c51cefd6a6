import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { isAbortError } from '../errors.js';
import { spreadPixels } from '../pictures/mask-presets.js';
import type { Picture } from '../pictures/picture.js';
import { onWhite, toGrey } from '../pictures/tones.js';
import { CanvasController } from './canvas.js';
import { decode, fitBitmap, type Fit, type ImageSource } from './image-source.js';
import { Photo } from './photo.js';

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
  /** The picture is there; it is not used before this is done. */
  onPicture(picture: Picture): Promise<void>;
  onError(error: Error): void;
  /** A picture is there after one that could not be read. */
  onMended(): void;
}

/** The picture that a run starts from, fitted to the model; of several asked for, the last one counts. */
export class SourceController implements ReactiveController {
  readonly view: CanvasController;
  #reading: AbortController | undefined;
  #source: ImageSource | undefined;
  /** Resolves when the picture asked for last is there, or could not be read. */
  settled: Promise<void> = Promise.resolve();
  /** Why that one could not be read. */
  error: Error | undefined;
  /** In the model's size; undefined until there is one, and after one that could not be read. */
  picture: Picture | undefined;
  /** The picture at its own size, where that is another than the model's. */
  photo: Photo | undefined;

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
  load(source: ImageSource): Promise<void> {
    this.#source = source;
    return (this.settled = this.#load(source));
  }

  /** Fits the picture that was loaded last to other settings. */
  reload(): void {
    if (this.#source) void this.load(this.#source);
  }

  async #load(source: ImageSource): Promise<void> {
    try {
      await this.#read(source);
      if (this.error) this.events.onMended();
      this.error = undefined;
    } catch (error) {
      this.error = error as Error;
      this.events.onError(this.error);
    }
  }

  async #read(source: ImageSource): Promise<void> {
    this.#reading?.abort();
    const { signal } = (this.#reading = new AbortController());
    try {
      const fitting = await this.events.fitting(signal);
      const bitmap = await decode(source, signal);
      try {
        if (!signal.aborted) await this.#take(source, bitmap, fitting, signal);
      } finally {
        bitmap.close();
      }
    } catch (error) {
      if (signal.aborted || isAbortError(error)) return;
      this.#replace(undefined, undefined);
      throw error;
    }
  }

  async #take(
    source: ImageSource,
    bitmap: ImageBitmap,
    { width, height, channels, half, fit, invert }: Fitting,
    signal: AbortSignal,
  ): Promise<void> {
    const size = half ? { width: width >> 1, height: height >> 1 } : { width, height };
    const fitted = onWhite(await fitBitmap(bitmap, size, fit));
    const { grey, inverted } =
      channels === 1 ? toGrey(fitted, invert) : { grey: fitted, inverted: false };
    const picture = half ? spreadPixels(grey) : grey;
    const isOwnSize = bitmap.width === width && bitmap.height === height;
    const photo =
      half || isOwnSize
        ? undefined
        : await Photo.open(source, bitmap, { width, height, fit, inverted });
    if (signal.aborted) return;
    this.#replace(picture, photo);
    if (photo) this.view.draw((canvas) => photo.paintFrame(canvas, picture));
    else this.view.paint([picture]);
    await this.events.onPicture(picture);
  }

  #replace(picture: Picture | undefined, photo: Photo | undefined): void {
    this.picture = picture;
    this.photo = photo;
    this.host.requestUpdate();
  }
}
