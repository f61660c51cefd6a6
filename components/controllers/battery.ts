/** The charge below which a device on battery is spared. */
const LOW = 0.2;

interface Battery extends EventTarget {
  readonly charging: boolean;
  readonly level: number;
}

let isLow = false;
let isWatched = false;

async function watch(): Promise<void> {
  isWatched = true;
  const source = globalThis.navigator as { getBattery?: () => Promise<Battery> } | undefined;
  const battery = await source?.getBattery?.().catch(() => undefined);
  if (!battery) return;
  const read = () => (isLow = !battery.charging && battery.level < LOW);
  read();
  battery.addEventListener('levelchange', read);
  battery.addEventListener('chargingchange', read);
}

/** Whether the device runs on the last of its battery, where the browser tells; known soon after the first call. */
export function hasLowBattery(): boolean {
  if (!isWatched) void watch();
  return isLow;
}
