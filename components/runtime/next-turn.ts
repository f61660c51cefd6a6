let channel: MessageChannel | undefined;
const waiting: (() => void)[] = [];

function open(): MessageChannel {
  const opened = new MessageChannel();
  opened.port1.onmessage = () => waiting.shift()?.();
  return opened;
}

/**
 * Lets the thread's event loop turn once: messages that came meanwhile, such as an abort, are read, and a page paints.
 * A timer would do as well, but browsers hold nested ones back for 4 ms. Node has a function for it.
 */
export function nextTurn(): Promise<void> {
  if (typeof setImmediate === 'function') return new Promise((resolve) => setImmediate(resolve));
  channel ??= open();
  const { port2 } = channel;
  return new Promise((resolve) => {
    waiting.push(resolve);
    port2.postMessage(undefined);
  });
}
