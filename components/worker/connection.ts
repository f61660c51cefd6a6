import { locateAssets } from '../runtime/assets.js';
import { DiffusionError } from '../errors.js';
import { importScript } from '../runtime/import-script.js';
import {
  assetUrl,
  changeSettings,
  getSettings,
  provideAssets,
  whenLocated,
} from '../runtime/settings.js';
import { hasCrashed } from './crash-marker.js';
import type { FromHost, Thread, ToHost } from './protocol.js';

/** A way to a host, wherever it runs. */
export interface Connection {
  readonly thread: Thread;
  /** Why the host is not in a worker; empty where it is. */
  readonly threadReason: string;
  send(message: ToHost): void;
  close(): void;
}

export interface ConnectionEvents {
  readonly onMessage: (message: FromHost) => void;
  /** The host is gone, and with it every request that was under way. */
  readonly onLost: (error: DiffusionError) => void;
}

interface TrustedScriptUrls {
  createScriptURL(url: string): string;
}

interface TrustedTypes {
  createPolicy(name: string, rules: TrustedScriptUrls): TrustedScriptUrls;
}

let policy: TrustedScriptUrls | undefined;

/** The worker's address in the form that pages with Trusted Types ask for, by the policy `diffusion-elements`. */
function trusted(url: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  policy ??= trustedTypes?.createPolicy('diffusion-elements', { createScriptURL: (each) => each });
  return policy?.createScriptURL(url) ?? url;
}

function startWorker(url: URL): Worker {
  if (url.origin === globalThis.origin) {
    return new Worker(trusted(url.href), { type: 'module' });
  }
  // A worker must come from the page's own origin; a module that imports the script does.
  const source = new Blob([`import ${JSON.stringify(url.href)};`], { type: 'text/javascript' });
  const blobUrl = URL.createObjectURL(source);
  try {
    return new Worker(trusted(blobUrl), { type: 'module' });
  } finally {
    setTimeout(() => URL.revokeObjectURL(blobUrl), 60_000);
  }
}

function failed(reason: string): DiffusionError {
  return new DiffusionError(
    'backend-unavailable',
    `The drawing worker failed (${reason}): try again.`,
  );
}

/** Starts of the script that failed: the next one's address is another, so that it waits for no request that hangs. */
let failures = 0;

function workerUrl(): URL {
  const url = assetUrl('worker.js');
  if (failures > 0) url.searchParams.set('retry', String(failures));
  return url;
}

function connectWorker({ onMessage, onLost }: ConnectionEvents): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const worker = startWorker(workerUrl());
    const { stallTimeout } = getSettings();
    const waiting = new AbortController();
    let ready = false;
    const end = (reason: string) => {
      clearTimeout(timer);
      waiting.abort();
      worker.terminate();
      if (ready) return onLost(failed(reason));
      failures++;
      reject(failed(reason));
    };
    const timer = setTimeout(end, stallTimeout, `it did not start within ${stallTimeout / 1000} s`);
    worker.addEventListener('message', ({ data }: MessageEvent<FromHost>) => {
      if (data.type !== 'ready') return onMessage(data);
      clearTimeout(timer);
      ready = true;
      worker.postMessage({ type: 'settings', settings: getSettings() } satisfies ToHost);
      if (data.lock) watchLock(data.lock, waiting.signal, () => end('it ended'));
      resolve({
        thread: 'worker',
        threadReason: '',
        send: (message) => worker.postMessage(message),
        close() {
          waiting.abort();
          worker.terminate();
        },
      });
    });
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      end(event.message || 'its script could not be loaded');
    });
    worker.addEventListener('messageerror', () => end('a message could not be read'));
  });
}

/** Calls `onFree` when the worker that holds the lock has ended. */
function watchLock(name: string, signal: AbortSignal, onFree: () => void): void {
  navigator.locks.request(name, { signal }, onFree).catch(() => undefined);
}

/** The same host on the page's own thread, for pages whose rules forbid the worker. */
async function connectLocally(events: ConnectionEvents, reason: string): Promise<Connection> {
  const url = workerUrl();
  try {
    const Host = await importScript<typeof import('./host.js').Host>('host', url);
    const host = new Host((message) => queueMicrotask(() => events.onMessage(message)));
    host.receive({ type: 'settings', settings: getSettings() });
    console.warn(`diffusion-elements: drawing happens on the page's own thread: ${reason}`);
    return {
      thread: 'page',
      threadReason: reason,
      send: (message) => host.receive(message),
      close: () => undefined,
    };
  } catch (error) {
    failures++;
    throw new DiffusionError(
      'network',
      `${url.href} could not be loaded (${(error as Error).message}): check that the package's files lie there, or call ` +
        'configure({ baseUrl }) with the address of the folder where they do.',
      { cause: error },
    );
  }
}

/**
 * A host in a worker, or on this thread where a worker does not start.
 *
 * @throws DiffusionError `network`, `backend-unavailable`
 */
export async function connect(events: ConnectionEvents): Promise<Connection> {
  changeSettings({ avoidWebGpu: hasCrashed() });
  provideAssets(locateAssets());
  await whenLocated();
  try {
    return await connectWorker(events);
  } catch (error) {
    return connectLocally(events, (error as Error).message);
  }
}
