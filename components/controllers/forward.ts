import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { invalidOption, throwIfAborted } from '../errors.js';
import type { ForwardProcess } from '../pictures/forward-process.js';
import { onWhite } from '../pictures/tones.js';
import { decode, fitBitmap, type ImageSource } from './image-source.js';

/** The longer side of the noised picture, in pixels, at most. */
const LARGEST_SIDE = 512;
const EXAMPLE_SIDE = 28;

/** An example of a class of Fashion-MNIST, by its name or number; what it stands for where it is missing. */
export interface Example {
  readonly label: string | undefined;
}

/** The picture whose forward process is shown; of several asked for, the last one counts. */
export class ForwardController implements ReactiveController {
  #reading: AbortController | undefined;
  #process: ForwardProcess | undefined;
  /** Why the picture asked for last could not be read. */
  error: unknown;

  constructor(
    readonly host: ReactiveControllerHost,
    readonly onLoad: () => void,
  ) {
    host.addController(this);
  }

  hostConnected(): void {}

  hostDisconnected(): void {
    this.#reading?.abort();
    this.#reading = undefined;
    this.#process?.release();
    this.#process = undefined;
  }

  /** Undefined until the picture and the kernels are there. */
  get process(): ForwardProcess | undefined {
    return this.#process;
  }

  /** Whether a picture was asked for since the element was connected. */
  get asked(): boolean {
    return this.#reading !== undefined;
  }

  /** Reads a picture, draws its noise, and takes both from now on; never rejects. */
  async load(source: ImageSource | Example, seed: number | bigint): Promise<void> {
    this.#reading?.abort();
    const { signal } = (this.#reading = new AbortController());
    try {
      const [{ ForwardProcess: Process }, bitmap] = await Promise.all([
        import('../pictures/forward-process.js'),
        isExample(source) ? decodeExample(source) : decode(source, signal, LARGEST_SIDE),
      ]);
      const picture = onWhite(await fitBitmap(bitmap, bitmap, 'cover'));
      bitmap.close();
      throwIfAborted(signal);
      const process = new Process(picture, seed);
      this.#process?.release();
      this.#process = process;
      this.error = undefined;
      this.onLoad();
    } catch (error) {
      if (!signal.aborted) this.error = error;
    }
    this.host.requestUpdate();
  }
}

function isExample(source: ImageSource | Example): source is Example {
  return typeof source === 'object' && 'label' in source;
}

async function decodeExample({ label }: Example): Promise<ImageBitmap> {
  const { exampleLabels, examplePictures } = await import('../pictures/example-pictures.js');
  const wanted = (label ?? 'sneaker').trim().toLowerCase();
  const byName = exampleLabels.indexOf(wanted);
  const index = byName >= 0 ? byName : /^\d+$/.test(wanted) ? Number(wanted) : -1;
  if (!(index in exampleLabels)) {
    throw invalidOption('label', label, `one of ${exampleLabels.join(', ')}`);
  }
  const [, base64 = ''] = examplePictures.split(',');
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const strip = await decode(new Blob([bytes], { type: 'image/png' }));
  const side = EXAMPLE_SIDE;
  const bitmap = await createImageBitmap(strip, index * side, 0, side, side);
  strip.close();
  return bitmap;
}
