/** Milliseconds without work on the device before it counts as idle: a run is many calls. */
const PAUSE = 300;

let listener: ((busy: boolean) => void) | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
let tasks = 0;
let busy = false;

function report(now: boolean): void {
  if (now === busy) return;
  busy = now;
  listener?.(now);
}

/** Calls the listener when work on a graphics device begins and when it has ended. */
export function watchDevice(onChange: (busy: boolean) => void): void {
  listener = onChange;
}

/** Runs a task that works on a graphics device. */
export async function onDevice<T>(task: () => Promise<T>): Promise<T> {
  tasks++;
  clearTimeout(timer);
  report(true);
  try {
    return await task();
  } finally {
    if (--tasks === 0) timer = setTimeout(report, PAUSE, false);
  }
}
