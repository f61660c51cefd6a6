import { Host } from './host.js';
import type { FromHost, ToHost } from './protocol.js';

// The module worker's entry: a host behind postMessage.
interface WorkerScope extends EventTarget {
  postMessage(message: FromHost, transfer?: Transferable[]): void;
}

const scope = globalThis as unknown as WorkerScope;
const host = new Host((message, transfer) => scope.postMessage(message, transfer));
scope.addEventListener('message', (event) => host.receive((event as MessageEvent<ToHost>).data));
scope.postMessage({ type: 'ready' });
