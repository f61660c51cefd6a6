let channel: MessageChannel | undefined;
const waiting: (() => void)[] = [];

function open(): MessageChannel {
  const opened = new MessageChannel();
  opened.port1.onmessage = () => waiting.shift()?.();
  // In Node an open port would keep the process alive.
  (opened.port1 as { unref?(): void }).unref?.();
  return opened;
}

/**
 * Lets the thread's event loop turn once: messages that came meanwhile, such as an abort, are read, and a page paints.
 * A timer would do as well, but browsers hold nested ones back for 4 ms.
 */
export function nextTurn(): Promise<void> {
  channel ??= open();
  const { port2 } = channel;
  return new Promise((resolve) => {
    waiting.push(resolve);
    port2.postMessage(undefined);
  });
}
