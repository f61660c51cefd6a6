// Some browsers end a page that works on the graphics device for long. A mark in the tab's session says that such work
// is under way; a page that finds it knows how the one before it ended, and draws without the device.

const KEY = 'diffusion-elements device';

function storage(): Storage | undefined {
  try {
    return globalThis.sessionStorage;
  } catch {
    return undefined; // Refused by the page's sandbox.
  }
}

function clear(): void {
  if (storage()?.getItem(KEY) === 'busy') storage()?.removeItem(KEY);
}

/** Marks that work on the device begins, or has ended. */
export function markDevice(busy: boolean): void {
  if (!busy) return clear();
  try {
    storage()?.setItem(KEY, 'busy');
    // Whoever leaves the page has not seen it crash.
    addEventListener('pagehide', clear, { once: true });
  } catch {
    // The storage is full.
  }
}

let crashed: boolean | undefined;

/** Whether a page of this tab ended while the device worked. */
export function hasCrashed(): boolean {
  crashed ??= Boolean(storage()?.getItem(KEY));
  if (crashed) storage()?.setItem(KEY, 'crashed');
  return crashed;
}
