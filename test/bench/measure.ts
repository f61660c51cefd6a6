/** The middle of several numbers. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** Milliseconds that `task` takes. */
export async function time(task: () => unknown): Promise<number> {
  const start = performance.now();
  await task();
  return performance.now() - start;
}

/**
 * How many times as long `a` takes as `b`: the median over alternating pairs, so that a machine that
 * slows down slows both.
 */
export async function ratio(
  a: () => unknown,
  b: () => unknown,
  pairs: number,
): Promise<{ ratio: number; a: number; b: number }> {
  await a();
  await b();
  const times: [number, number][] = [];
  for (let i = 0; i < pairs; i++) times.push([await time(a), await time(b)]);
  return {
    ratio: median(times.map(([x, y]) => x / y)),
    a: median(times.map(([x]) => x)),
    b: median(times.map(([, y]) => y)),
  };
}

/** One line of the table: a measured figure and the bar it must keep. */
export interface Row {
  readonly what: string;
  readonly value: number;
  readonly bar?: string;
  readonly ok: boolean;
}

export function atLeast(what: string, value: number, bar: number): Row {
  return { what, value, bar: `at least ${bar}`, ok: value >= bar };
}

export function atMost(what: string, value: number, bar: number): Row {
  return { what, value, bar: `at most ${bar}`, ok: value <= bar };
}

/** A figure without a bar: it depends on the machine. */
export function plain(what: string, value: number): Row {
  return { what, value, ok: true };
}
