import { getSettings } from './settings.js';

// Some bundlers take the exports from a script that they carry as an asset. So a script hands over what it has under a
// symbol of the global object, from where it is taken away at once.
const symbolOf = (name: string) => Symbol.for(`diffusion-elements ${name}`);
const globals = globalThis as unknown as Record<symbol, unknown>;

const imported = new Map<string, Promise<unknown>>();
/** A thread remembers the failure of a script by its address: the next try takes another. */
const failures = new Map<string, number>();

/** In a script of the package: hands over what `importScript` gives to its caller. */
export function handOver(name: string, value: unknown): void {
  globals[symbolOf(name)] = value;
}

/**
 * Runs a script of the package, once, and returns what it hands over under this name.
 *
 * @throws Error where it does not come, or nothing comes for `stallTimeout` ms; the next call tries anew
 */
export async function importScript<T>(name: string, url: URL): Promise<T> {
  let script = imported.get(url.href);
  if (!script) {
    script = run(name, url);
    imported.set(url.href, script);
    script.catch(() => forgetScript(url));
  }
  return script as Promise<T>;
}

/** The next `importScript` runs the script anew. */
export function forgetScript({ href }: URL): void {
  imported.delete(href);
  failures.set(href, (failures.get(href) ?? 0) + 1);
}

async function run(name: string, url: URL): Promise<unknown> {
  const { stallTimeout } = getSettings();
  const fresh = new URL(url);
  const count = failures.get(url.href);
  if (count) fresh.searchParams.set('retry', String(count));
  const { href } = fresh;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stalled = new Promise<never>((_, reject) => {
    const message = `nothing came for ${stallTimeout / 1000} s`;
    timer = setTimeout(() => reject(new Error(message)), stallTimeout);
  });
  try {
    await Promise.race([import(href), stalled]);
  } finally {
    clearTimeout(timer);
  }
  const symbol = symbolOf(name);
  const value = globals[symbol];
  delete globals[symbol];
  if (value === undefined) throw new Error('it is another script');
  return value;
}
