import { DiffusionError } from '../errors.js';
import { isNode } from './devices.js';
import { StallWatch } from './stall-watch.js';

/**
 * Bytes of a file, 0 where its server does not say; undefined where there is no such file. Asks with a HEAD request, and where
 * that is refused with one for the first byte.
 *
 * @throws DiffusionError `network`; AbortError
 */
export async function probeFile(url: URL, signal?: AbortSignal): Promise<number | undefined> {
  if (isNode && url.protocol === 'file:') return probeDisk(url);
  const head = await ask(url, { method: 'HEAD' }, signal).catch(() => undefined);
  if (head?.ok && !isPage(head)) return lengthOf(head);
  if (head && isAbsent(head)) return undefined;
  signal?.throwIfAborted();
  let response: Response;
  try {
    response = await ask(url, { headers: { range: 'bytes=0-0' } }, signal);
  } catch (error) {
    signal?.throwIfAborted();
    throw new DiffusionError(
      'network',
      `${url.href} could not be asked for (${(error as Error).message}): check the connection, and that its server allows ` +
        'this origin (CORS), then try again.',
      { cause: error },
    );
  }
  if (isAbsent(response)) return undefined;
  if (!response.ok) {
    throw new DiffusionError('network', `${url.href} answered ${response.status}.`);
  }
  const size = lengthOf(response);
  const first = await firstByte(response);
  return isPage(response) && first === '<'.charCodeAt(0) ? undefined : size;
}

async function probeDisk(url: URL): Promise<number | undefined> {
  const { stat } = process.getBuiltinModule('node:fs/promises');
  const found = await stat(url).catch(() => undefined);
  return found?.isFile() ? found.size : undefined;
}

async function ask(
  url: URL,
  init: RequestInit,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const watch = new StallWatch(signal);
  try {
    return await watch.race(fetch(url, { ...init, cache: 'no-cache', signal: watch.signal }));
  } finally {
    watch.rest();
  }
}

const isAbsent = ({ status }: Response) => status === 404 || status === 410;

/** As servers of single-page apps answer to every address. */
function isPage({ headers }: Response): boolean {
  return /^text\/html\b/i.test(headers.get('content-type') ?? '');
}

function lengthOf({ status, headers }: Response): number {
  if (headers.has('content-encoding')) return 0;
  const length =
    status === 206
      ? /\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1]
      : headers.get('content-length');
  return Number(length ?? 0);
}

/** The rest of the body is refused. */
async function firstByte({ body }: Response): Promise<number | undefined> {
  const reader = body?.getReader();
  const chunk = await reader?.read().catch(() => undefined);
  await reader?.cancel().catch(() => undefined);
  return chunk?.value?.[0];
}
