import { DiffusionError } from '../errors.js';
import type { FromHost, ToHost } from './protocol.js';

/** A way to a host, wherever it runs. */
export interface Connection {
  send(message: ToHost): void;
  close(): void;
}

export interface ConnectionEvents {
  readonly onMessage: (message: FromHost) => void;
  /** The host is gone, and with it every request that was under way. */
  readonly onLost: (error: DiffusionError) => void;
}

// The worker's script stands beside the bundle. Bundlers know this form and ship it along.
function startWorker(): Worker {
  const url = new URL('./worker.js', import.meta.url);
  if (url.origin === globalThis.location.origin) {
    return new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  }
  // A worker must come from the page's own origin; a module that imports the script does.
  const source = new Blob([`import ${JSON.stringify(url.href)};`], { type: 'text/javascript' });
  const blobUrl = URL.createObjectURL(source);
  try {
    return new Worker(blobUrl, { type: 'module' });
  } finally {
    setTimeout(() => URL.revokeObjectURL(blobUrl), 60_000);
  }
}

function connectWorker({ onMessage, onLost }: ConnectionEvents): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const worker = startWorker();
    let ready = false;
    worker.addEventListener('message', ({ data }: MessageEvent<FromHost>) => {
      if (data.type !== 'ready') return onMessage(data);
      ready = true;
      resolve({ send: (message) => worker.postMessage(message), close: () => worker.terminate() });
    });
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      worker.terminate();
      const reason = event.message || 'its script could not be loaded';
      const error = new DiffusionError(
        'backend-unavailable',
        `The drawing worker failed (${reason}): try again.`,
      );
      if (ready) onLost(error);
      else reject(error);
    });
  });
}

/** The same host on the page's own thread, for pages whose rules forbid the worker. */
async function connectLocally({ onMessage }: ConnectionEvents): Promise<Connection> {
  const { Host } = await import('./host.js');
  const host = new Host((message) => queueMicrotask(() => onMessage(message)));
  return { send: (message) => host.receive(message), close: () => undefined };
}

/** A host in a worker, or on this thread where a worker does not start. */
export async function connect(events: ConnectionEvents): Promise<Connection> {
  try {
    return await connectWorker(events);
  } catch {
    return connectLocally(events);
  }
}
