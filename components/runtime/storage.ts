import { getSettings } from './settings.js';

const CACHE = 'diffusion-elements';
/** A cache that does not open in this time does not open at all: some private windows never answer. */
const PATIENCE = 2000;

/** Cache Storage, where it may be used: not in insecure pages, nor where storage is switched off or unwanted. */
async function openCache(): Promise<Cache | undefined> {
  if (!getSettings().cache) return undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const tooLate = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, PATIENCE, undefined);
    });
    return await Promise.race([globalThis.caches?.open(CACHE), tooLate]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

const VALIDATOR = 'x-validator';

/** A kept file. */
export interface Kept {
  readonly bytes: Uint8Array;
  /** What told this version of the file from others when it was fetched; empty where nothing did. */
  readonly validator: string;
}

export async function readKept(key: string | URL): Promise<Kept | undefined> {
  try {
    const response = await (await openCache())?.match(key);
    if (!response) return undefined;
    const validator = response.headers.get(VALIDATOR) ?? '';
    return { bytes: new Uint8Array(await response.arrayBuffer()), validator };
  } catch {
    return undefined;
  }
}

/** As `readKept`, without reading it into memory. */
export async function readKeptBlob(
  key: string | URL,
): Promise<{ readonly blob: Blob; readonly validator: string } | undefined> {
  try {
    const response = await (await openCache())?.match(key);
    if (!response) return undefined;
    return { blob: await response.blob(), validator: response.headers.get(VALIDATOR) ?? '' };
  } catch {
    return undefined;
  }
}

/** Keeps a file as it comes; false where that could not be done, undefined where there is no storage. */
export async function keepStream(
  key: string | URL,
  stream: ReadableStream<Uint8Array>,
  validator: string,
): Promise<boolean | undefined> {
  const cache = await openCache();
  if (!cache) return undefined;
  const headers: HeadersInit = validator ? { [VALIDATOR]: validator } : {};
  try {
    await cache.put(
      key,
      new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>, { headers }),
    );
    return true;
  } catch {
    return false;
  }
}

/** Keeps a file; silently does not where the quota is used up. */
export async function keep(key: string | URL, bytes: Uint8Array, validator = ''): Promise<void> {
  const headers: HeadersInit = validator ? { [VALIDATOR]: validator } : {};
  try {
    const response = new Response(bytes as Uint8Array<ArrayBuffer>, { headers });
    await (await openCache())?.put(key, response);
  } catch {
    // It is fetched again next time.
  }
}

export async function forget(key: string | URL): Promise<void> {
  await (await openCache())?.delete(key).catch(() => undefined);
}

/** A small JSON value that outlives the page, by name; undefined where there is none. */
export async function recall(name: string): Promise<unknown> {
  const kept = await readKept(memoryUrl(name));
  try {
    return kept && JSON.parse(new TextDecoder().decode(kept.bytes));
  } catch {
    return undefined;
  }
}

/** Keeps a small JSON value under a name. */
export async function remember(name: string, value: unknown): Promise<void> {
  await keep(memoryUrl(name), new TextEncoder().encode(JSON.stringify(value)));
}

function memoryUrl(name: string): string {
  return `https://diffusion-elements.invalid/${encodeURIComponent(name)}`;
}
