import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { saveFile } from './canvas.js';

export type RecordingFormat = 'gif' | 'video';

/** Something that moves, frame by frame. */
export interface Movie {
  readonly frames: number;
  readonly framesPerSecond: number;
  /** A frame, 0 to `frames` - 1; they are asked for in turn, and each may be the same canvas. */
  frame(index: number): HTMLCanvasElement;
}

/** Frames become so large before they are written, without smoothing, that single pixels survive compression. */
const SMALLEST_SIDE = 280;

/** Saves what moves as a GIF, or as an MP4 or WebM video; what writes them is loaded when it is first needed. */
export class RecordingController implements ReactiveController {
  /** A file is being written. */
  busy = false;

  constructor(
    readonly host: ReactiveControllerHost,
    readonly onError: (error: unknown) => void,
  ) {
    host.addController(this);
  }

  hostConnected(): void {}

  /**
   * The movie as a file's bytes.
   *
   * @throws DiffusionError `backend-unavailable` where the browser writes no videos
   */
  async record(format: RecordingFormat, movie: Movie): Promise<Blob> {
    const enlarged = enlarge(movie);
    if (format === 'gif') {
      const { writeGif } = await import('./gif-writer.js');
      return writeGif(enlarged);
    }
    const { writeVideo } = await import('./video-writer.js');
    return writeVideo(enlarged);
  }

  /** Writes the movie and saves it where the browser keeps downloads; never rejects. */
  async save(format: RecordingFormat, name: string, movie: Movie): Promise<void> {
    this.#setBusy(true);
    try {
      const file = await this.record(format, movie);
      saveFile(file, `${name}.${file.type.split('/')[1]}`);
    } catch (error) {
      this.onError(error);
    } finally {
      this.#setBusy(false);
    }
  }

  #setBusy(busy: boolean): void {
    this.busy = busy;
    this.host.requestUpdate();
  }
}

/** Small frames by a whole number, on one canvas with even sides, as videos want them. */
function enlarge({ frame, ...movie }: Movie): Movie {
  const canvas = document.createElement('canvas');
  return {
    ...movie,
    frame(index) {
      const original = frame(index);
      const scale = Math.max(
        1,
        Math.ceil(SMALLEST_SIDE / Math.max(original.width, original.height)),
      );
      canvas.width = 2 * Math.ceil((original.width * scale) / 2);
      canvas.height = 2 * Math.ceil((original.height * scale) / 2);
      const context = canvas.getContext('2d', { willReadFrequently: true })!;
      context.imageSmoothingEnabled = false;
      context.drawImage(original, 0, 0, original.width * scale, original.height * scale);
      return canvas;
    },
  };
}
