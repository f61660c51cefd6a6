import { DiffusionError, isAbortError, throwIfAborted } from '../errors.js';
import { isNode } from './devices.js';

/** What `files.json` says of a file. */
export interface ExpectedFile {
  readonly size: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

export interface FetchOptions {
  readonly expected?: ExpectedFile;
  readonly signal?: AbortSignal;
  /** Called with the bytes received so far, and their total where it is known, else 0. */
  readonly onBytes?: (loaded: number, total: number) => void;
}

const CACHE = 'diffusion-elements';

async function openCache(): Promise<Cache | undefined> {
  try {
    return await globalThis.caches?.open(CACHE);
  } catch {
    return undefined; // Storage is switched off, or the page is no secure context.
  }
}

export async function sha256(bytes: Uint8Array): Promise<string | undefined> {
  const { subtle } = globalThis.crypto ?? {};
  if (!subtle) return undefined; // Insecure origins have no digest; the size is still checked.
  const digest = await subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function isIntact(bytes: Uint8Array, expected: ExpectedFile): Promise<boolean> {
  if (bytes.length !== expected.size) return false;
  const digest = await sha256(bytes);
  return digest === undefined || digest === expected.sha256;
}

async function readBody(response: Response, options: FetchOptions): Promise<Uint8Array> {
  const { expected, onBytes } = options;
  const encoded = response.headers.has('content-encoding');
  const announced = encoded ? 0 : Number(response.headers.get('content-length') ?? 0);
  const total = expected?.size ?? announced;
  if (!response.body) return new Uint8Array(await response.arrayBuffer());
  const chunks: Uint8Array[] = [];
  let loaded = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    loaded += value.length;
    onBytes?.(loaded, Math.max(total, loaded));
  }
  const bytes = new Uint8Array(loaded);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

async function download(url: URL, options: FetchOptions): Promise<Uint8Array> {
  let response: Response;
  try {
    response = await fetch(url, { signal: options.signal });
    if (response.ok) return await readBody(response, options);
  } catch (error) {
    if (isAbortError(error)) throw error;
    throw new DiffusionError(
      'network',
      `${url.href} could not be fetched: check the connection, and that its server allows this origin (CORS).`,
      { cause: error },
    );
  }
  if (response.status === 404 || response.status === 410) {
    throw new DiffusionError(
      'model-not-found',
      `${url.href} does not exist: "model" must be the URL of a folder with a model_index.json.`,
    );
  }
  throw new DiffusionError(
    'network',
    `${url.href} answered ${response.status} ${response.statusText}: try again later.`,
  );
}

async function readFromDisk(url: URL): Promise<Uint8Array> {
  const { readFile } = process.getBuiltinModule('node:fs/promises');
  try {
    return await readFile(url);
  } catch (error) {
    throw new DiffusionError(
      'model-not-found',
      `${url.pathname} cannot be read: the model must be a folder with a model_index.json.`,
      { cause: error },
    );
  }
}

function mismatch(url: URL, expected: ExpectedFile, bytes: Uint8Array): DiffusionError {
  return new DiffusionError(
    'integrity-mismatch',
    `${url.href} is not the file that files.json describes (${bytes.length} bytes, expected ` +
      `${expected.size}): upload the whole model folder again, or rewrite files.json.`,
  );
}

/**
 * A file's bytes, from Cache Storage where an intact copy is there, else from the network (or, in Node,
 * from disk). What does not match `expected` is never cached and is an `integrity-mismatch`.
 */
export async function fetchFile(url: URL, options: FetchOptions = {}): Promise<Uint8Array> {
  const { expected, signal, onBytes } = options;
  throwIfAborted(signal);
  if (isNode && url.protocol === 'file:') {
    const bytes = await readFromDisk(url);
    if (expected && !(await isIntact(bytes, expected))) throw mismatch(url, expected, bytes);
    return bytes;
  }

  // Only what can be checked is kept: a file without a hash may have changed on its server.
  const cache = expected && (await openCache());
  const kept = await cache?.match(url);
  if (kept && expected) {
    const bytes = new Uint8Array(await kept.arrayBuffer());
    if (await isIntact(bytes, expected)) {
      onBytes?.(bytes.length, bytes.length);
      return bytes;
    }
    await cache?.delete(url);
  }

  const bytes = await download(url, options);
  if (expected && !(await isIntact(bytes, expected))) throw mismatch(url, expected, bytes);
  try {
    await cache?.put(url, new Response(bytes as Uint8Array<ArrayBuffer>));
  } catch {
    // The quota is used up: the file is fetched again next time.
  }
  return bytes;
}

/** A small JSON value that outlives the page, by name; undefined where there is none. */
export async function recall(name: string): Promise<unknown> {
  try {
    const cache = await openCache();
    const response = await cache?.match(memoryUrl(name));
    return await response?.json();
  } catch {
    return undefined;
  }
}

/** Keeps a small JSON value under a name; silently does not where storage is refused. */
export async function remember(name: string, value: unknown): Promise<void> {
  try {
    const cache = await openCache();
    await cache?.put(memoryUrl(name), new Response(JSON.stringify(value)));
  } catch {
    // Storage is full or switched off.
  }
}

function memoryUrl(name: string): string {
  return `https://diffusion-elements.invalid/${encodeURIComponent(name)}`;
}
