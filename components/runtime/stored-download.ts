import { DiffusionError, throwIfAborted } from '../errors.js';
import { canReadBlobs, sourceOfBlob, type ByteSource } from './byte-source.js';
import {
  announcedBy,
  askValidator,
  downloadTo,
  type DownloadOptions,
  type DownloadSink,
} from './download.js';
import { PassingError } from './stall-watch.js';
import { keepStream, readKeptBlob } from './storage.js';

export interface StoredOptions extends Pick<DownloadOptions, 'signal' | 'onBytes'> {
  readonly expected?: { readonly sha256: string };
}

/**
 * A large file in Cache Storage, read from there piece by piece: it never lies in memory. Undefined where that can't be: on
 * a page's own thread, without storage, or where it is full.
 *
 * @throws DiffusionError `model-not-found`, `network`; AbortError
 */
export async function downloadToStorage(
  url: URL,
  { expected, signal, onBytes }: StoredOptions,
): Promise<ByteSource | undefined> {
  if (!canReadBlobs) return undefined;
  // A file with a hash is told from others by it.
  const validator = expected?.sha256 ?? (await askValidator(url, signal));
  const kept = validator && (await readKeptBlob(url));
  if (kept && kept.validator === validator) {
    onBytes?.(kept.blob.size, kept.blob.size);
    return sourceOfBlob(kept.blob);
  }
  throwIfAborted(signal);
  let failure: unknown;
  const sink = new StreamSink(onBytes);
  const coming = downloadTo(url, sink, { signal }).then(
    () => sink.close(),
    (error: unknown) => {
      failure = error;
      sink.fail(error);
    },
  );
  const isKept = await keepStream(url, sink.stream, validator);
  if (!isKept && failure === undefined) sink.cancel();
  await coming;
  if (failure !== undefined && !sink.isCancelled) throw failure;
  const stored = isKept ? await readKeptBlob(url) : undefined;
  return stored && stored.blob.size === sink.loaded ? sourceOfBlob(stored.blob) : undefined;
}

/** Passes a file's bytes on, as fast as they are taken. */
class StreamSink implements DownloadSink {
  loaded = 0;
  isCancelled = false;
  readonly stream: ReadableStream<Uint8Array>;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #wake: () => void = () => undefined;
  #announced = 0;
  #total = 0;
  /** Bytes that come once more, from a server that can't go on where it stopped. */
  #repeated = 0;

  constructor(readonly onBytes: DownloadOptions['onBytes']) {
    this.stream = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => this.#wake(),
      cancel: () => this.cancel(),
    });
  }

  begin(response: Response): void {
    const { total, goesOn } = announcedBy(response, this.loaded);
    if (goesOn) return;
    this.#announced = this.#total = total;
    this.#repeated = this.loaded;
  }

  restart(): void {
    this.#repeated = this.loaded;
  }

  async append(chunk: Uint8Array): Promise<void> {
    const fresh = chunk.subarray(Math.min(this.#repeated, chunk.length));
    this.#repeated -= chunk.length - fresh.length;
    if (this.isCancelled) throw new DiffusionError('out-of-memory', 'There is no room to keep it.');
    if (fresh.length === 0) return;
    this.#controller.enqueue(fresh);
    this.loaded += fresh.length;
    this.onBytes?.(this.loaded, Math.max(this.#total, this.#total && this.loaded));
    if ((this.#controller.desiredSize ?? 1) > 0) return;
    await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  finish(): void {
    if (this.loaded < this.#announced) throw new PassingError('the connection was cut');
  }

  close(): void {
    if (!this.isCancelled) this.#controller.close();
  }

  fail(error: unknown): void {
    if (!this.isCancelled) this.#controller.error(error);
  }

  cancel(): void {
    this.isCancelled = true;
    this.#wake();
  }
}
