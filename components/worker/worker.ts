import { handOver } from '../runtime/import-script.js';
import { Host } from './host.js';
import type { FromHost, ToHost } from './protocol.js';

interface WorkerScope extends EventTarget {
  postMessage(message: FromHost, transfer?: Transferable[]): void;
}

// In a worker the script serves; a page that may not start workers takes its host.
if ('document' in globalThis) handOver('host', Host);
else void serve(globalThis as unknown as WorkerScope);

async function serve(scope: WorkerScope): Promise<void> {
  const host = new Host((message, transfer) => scope.postMessage(message, transfer));
  scope.addEventListener('message', (event) => host.receive((event as MessageEvent<ToHost>).data));
  scope.postMessage({ type: 'ready', lock: await holdLock() });
}

/** Takes a lock for as long as the worker lives: a page that waits for it learns of any end, however silent. */
async function holdLock(): Promise<string | undefined> {
  const name = `diffusion-elements ${crypto.getRandomValues(new Uint32Array(4)).join(' ')}`;
  try {
    await new Promise<void>((resolve, reject) => {
      const held = () => {
        resolve();
        return new Promise<never>(() => undefined);
      };
      navigator.locks.request(name, held).catch(reject);
    });
    return name;
  } catch {
    return undefined; // No locks in insecure pages and sandboxes.
  }
}
