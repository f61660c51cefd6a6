import { abortError, DiffusionError } from '../errors.js';
import { PassingError, StallWatch } from './stall-watch.js';

export interface DownloadOptions {
  /** Bytes that are expected, where that is known beforehand. */
  readonly size?: number;
  /** Goes past the browser's cache. */
  readonly reload?: boolean;
  readonly signal?: AbortSignal;
  /** Called with the bytes received so far, and their total where it is known, else 0. */
  readonly onBytes?: (loaded: number, total: number) => void;
  /** Gets the bytes as they come. */
  readonly tap?: DownloadTap;
  /** Called with what tells this version of the file from others; empty where the server does not say. */
  readonly onValidator?: (validator: string) => void;
}

/** Looks at a file's bytes while they come, before anybody can tell whether they are the right ones. */
export interface DownloadTap {
  /** The file begins, perhaps anew. */
  restart(): void;
  chunk(bytes: Uint8Array): void;
}

/** The version of a file that a server names, by ETag or date; the date is what other origins may read. */
function validatorOf({ headers }: Response): string {
  return headers.get('last-modified') ?? headers.get('etag') ?? '';
}

/** Asks a server for the version of a file; empty where it does not say, or refuses the question. */
export async function askValidator(url: URL, signal?: AbortSignal): Promise<string> {
  for (const init of [{ method: 'HEAD' }, { headers: { range: 'bytes=0-0' } }]) {
    const watch = new StallWatch(signal);
    try {
      const question = fetch(url, { ...init, cache: 'no-cache', signal: watch.signal });
      const response = await watch.race(question);
      if (response.ok) return validatorOf(response);
    } catch {
      if (signal?.aborted) return '';
    } finally {
      watch.stop();
    }
  }
  return '';
}

/** Milliseconds before each further try after a failure that may pass. */
const PAUSES = [250, 1000];
const LESS_THAN = 0x3c;
/** No file is larger; what is announced beyond is not allocated. */
const LARGEST = 2 ** 32;

/** What has failed in this thread: a cache on the way may have kept the failure. */
const failed = new Set<string>();

/**
 * A file's bytes. A connection that breaks is taken up again, by a range request where bytes had come already; one
 * without a byte for `stallTimeout` ms is given up.
 *
 * @throws DiffusionError `model-not-found` (404, or a page instead of a file), `network`; AbortError
 */
export async function download(url: URL, options: DownloadOptions = {}): Promise<Uint8Array> {
  const body = new Body(options);
  await downloadTo(url, body, options);
  return body.bytes();
}

/**
 * As `download`, piece by piece: for files that should not lie in memory.
 *
 * @throws as `download` does
 */
export async function downloadTo(
  url: URL,
  body: DownloadSink,
  options: DownloadOptions = {},
): Promise<void> {
  const reload = options.reload || failed.has(url.href);
  try {
    await persist(url, body, { ...options, reload });
    failed.delete(url.href);
  } catch (error) {
    failed.add(url.href);
    throw error;
  }
}

async function persist(url: URL, body: DownloadSink, options: DownloadOptions): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const before = body.loaded;
    try {
      return await attemptOnce(url, body, options);
    } catch (error) {
      if (!(error instanceof PassingError)) throw error;
      // Hope is renewed by every byte.
      if (body.loaded > before) attempt = 0;
      const pause = PAUSES[attempt];
      if (pause === undefined || globalThis.navigator?.onLine === false) throw broken(url, error);
      await wait(pause, options.signal);
    }
  }
}

async function attemptOnce(
  url: URL,
  body: DownloadSink,
  { signal, reload, onValidator }: DownloadOptions,
): Promise<void> {
  const watch = new StallWatch(signal);
  try {
    const headers: HeadersInit = body.loaded > 0 ? { range: `bytes=${body.loaded}-` } : {};
    const cache = reload ? 'reload' : 'default';
    const response = await watch.race(fetch(url, { headers, cache, signal: watch.signal }));
    if (response.status === 416) {
      body.restart(0);
      throw new PassingError('the server refused to go on where it had stopped');
    }
    check(url, response);
    body.begin(response);
    const mayBePage = isHtml(response);
    onValidator?.(validatorOf(response));
    const reader = response.body!.getReader();
    for (;;) {
      const { done, value } = await watch.race(reader.read());
      if (done) return body.finish();
      if (mayBePage && body.loaded === 0 && value[0] === LESS_THAN) throw absent(url, true);
      await body.append(value);
    }
  } catch (error) {
    if (signal?.aborted) throw abortError();
    if (error instanceof DiffusionError || error instanceof PassingError) throw error;
    throw new PassingError((error as Error).message, { cause: error });
  } finally {
    watch.stop();
  }
}

/** As servers of single-page apps answer to every address; but some give their files wrong types. */
function isHtml({ headers }: Response): boolean {
  return /^text\/html\b/i.test(headers.get('content-type') ?? '');
}

function absent(url: URL, isPage: boolean): DiffusionError {
  const page = isPage ? ': its server answers a page instead' : '';
  return new DiffusionError('model-not-found', `${url.href} does not exist${page}.`);
}

function check(url: URL, response: Response): void {
  const { status, statusText } = response;
  if (status === 404 || status === 410) throw absent(url, false);
  if (response.ok) return;
  if (status >= 500 || status === 429)
    throw new PassingError(`it answered ${status} ${statusText}`);
  throw new DiffusionError('network', `${url.href} answered ${status} ${statusText}.`);
}

function broken(url: URL, cause: PassingError): DiffusionError {
  return new DiffusionError(
    'network',
    `${url.href} could not be fetched (${cause.message}): check the connection, and that its server allows this ` +
      'origin (CORS), then try again.',
    { cause },
  );
}

/** Where the bytes of a file go; it outlives single tries. */
export interface DownloadSink {
  readonly loaded: number;
  /** A try begins to answer: from the start, or from where the last one ended. */
  begin(response: Response): void;
  append(chunk: Uint8Array): Promise<void> | void;
  /** Begins anew, with a total where it is known. */
  restart(total: number): void;
  /** @throws PassingError where bytes are missing */
  finish(): void;
}

/** The total that a response announces, and whether it goes on where the last one ended. */
export function announcedBy(
  { status, headers }: Response,
  loaded: number,
): { total: number; goesOn: boolean } {
  // What is compressed on its way has another length than what comes out.
  const encoded = headers.has('content-encoding');
  const total = encoded ? 0 : Number(headers.get('content-length') ?? 0);
  const start = /^bytes (\d+)-/.exec(headers.get('content-range') ?? '')?.[1];
  // Another origin may not let the range be read; it was asked for from there.
  const isRest = start === undefined || Number(start) === loaded;
  return { total, goesOn: status === 206 && !encoded && loaded > 0 && isRest };
}

/** A file in memory. */
class Body implements DownloadSink {
  #bytes = new Uint8Array(0);
  #total = 0;
  #announced = 0;
  loaded = 0;

  constructor(readonly options: DownloadOptions) {}

  restart(total: number): void {
    this.loaded = 0;
    this.#total = total;
    this.options.tap?.restart();
    if (total > LARGEST) {
      throw new DiffusionError('out-of-memory', `A file of ${total} bytes is too large.`);
    }
    if (this.#bytes.length < total) this.#bytes = new Uint8Array(total);
  }

  begin(response: Response): void {
    const { total, goesOn } = announcedBy(response, this.loaded);
    if (goesOn) return;
    this.#announced = total;
    this.restart(this.options.size ?? total);
  }

  append(chunk: Uint8Array): void {
    const end = this.loaded + chunk.length;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, 2 * this.#bytes.length, 1 << 16));
      larger.set(this.#bytes.subarray(0, this.loaded));
      this.#bytes = larger;
    }
    this.#bytes.set(chunk, this.loaded);
    this.loaded = end;
    this.options.tap?.chunk(chunk);
    this.options.onBytes?.(end, Math.max(this.#total, this.#total && end));
  }

  finish(): void {
    if (this.loaded < this.#announced) throw new PassingError('the connection was cut');
  }

  bytes(): Uint8Array {
    return this.loaded === this.#bytes.length ? this.#bytes : this.#bytes.slice(0, this.loaded);
  }
}

function wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(abortError());
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted) stop();
  });
}
