import { DiffusionError } from '../errors.js';
import type { Backend, Feed, Session, TimedRun } from './session.js';

/** Milliseconds of a run of one network on each backend of one machine. */
export interface Measured {
  readonly winner: Backend;
  readonly wasm: number;
  readonly webgpu: number;
}

/** How far, relative to their size, the two backends' numbers may differ: quantization differs too. */
const AGREEMENT = 0.1;

const round = (ms: number) => Math.round(ms * 10) / 10;

/**
 * Runs both networks with the same inputs; WebGPU twice, since its first run compiles shaders.
 *
 * @throws `backend-unavailable` where WebGPU's numbers are others than WASM's; as the runs do
 */
export async function compareBackends(
  wasm: Session,
  webgpu: Session,
  feeds: Readonly<Record<string, Feed>>,
): Promise<Measured> {
  const first = await webgpu.run(feeds);
  const onWasm = await wasm.timedRun(feeds);
  const difference = relativeDifference(onWasm.outputs, first);
  if (!(difference <= AGREEMENT)) {
    throw new DiffusionError('backend-unavailable', 'WebGPU gives other numbers than WASM.');
  }
  const onWebGpu = await webgpu.timedRun(feeds);
  return {
    winner: onWebGpu.milliseconds < onWasm.milliseconds ? 'webgpu' : 'wasm',
    wasm: round(onWasm.milliseconds),
    webgpu: round(onWebGpu.milliseconds),
  };
}

export function explain({ winner, wasm, webgpu }: Measured): string {
  const other = winner === 'wasm' ? 'WebGPU' : 'WASM';
  return `measured here: WASM ${wasm} ms and WebGPU ${webgpu} ms a run, so not ${other}`;
}

/** Root mean square of the difference over that of `a`; NaN where any number is not finite. */
function relativeDifference(a: TimedRun['outputs'], b: TimedRun['outputs']): number {
  let squares = 0;
  let size = 0;
  for (const [name, { data }] of Object.entries(a)) {
    const other = b[name]?.data as Float32Array;
    (data as Float32Array).forEach((value, i) => {
      squares += (value - other[i]!) ** 2;
      size += value ** 2;
    });
  }
  return Math.sqrt(squares / size);
}
