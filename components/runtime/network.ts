import { DiffusionError, invalidOption, isAbortError } from '../errors.js';
import { hasPromiseIntegration, isNode, probeWebGpu, type WebGpuProbe } from './devices.js';
import type { Dtype, ModelFolder, ReadOptions } from './model-folder.js';
import { Session, type Backend, type Feed } from './session.js';
import { recall, remember } from './weights.js';

export type BackendChoice = Backend | 'auto';

export interface NetworkOptions extends ReadOptions {
  readonly backend?: BackendChoice;
  readonly dtype?: Dtype;
}

type Outputs = Awaited<ReturnType<Session['run']>>;

/** What was measured for a model and an adapter. */
interface Measured {
  readonly winner: Backend;
  readonly wasm: number;
  readonly webgpu: number;
}

const backends: readonly string[] = ['auto', 'webgpu', 'wasm'];

// The numeric types that run well on each backend, best first.
const preferred: Record<Backend, readonly Dtype[]> = {
  wasm: ['int8', 'q8', 'fp32'],
  webgpu: ['q8', 'fp32'],
};

/** A network that WASM runs in less than this, in ms, is not worth fetching a second runtime for. */
const FAST_ENOUGH = 30;
/** How far, relative to their size, the two backends' numbers may differ: quantization differs too. */
const AGREEMENT = 0.1;

const round = (ms: number) => Math.round(ms * 10) / 10;

export function checkBackend(backend: string): BackendChoice {
  if (!backends.includes(backend)) {
    throw invalidOption('backend', backend, `one of ${backends.join(', ')}`);
  }
  return backend as BackendChoice;
}

/**
 * One network of a model's folder, and the decision on which backend it runs.
 *
 * `auto` starts on WASM; where there is an adapter, `compare` measures WebGPU beside it and keeps the
 * faster one, for this page and, in Cache Storage, for the next. A backend that fails is replaced by
 * the next one with one warning on the console.
 */
export class Network {
  #session!: Session;
  #fallback: Session | undefined;
  #adapter: WebGpuProbe | undefined;
  #compared: Promise<void> | undefined;
  #disposed = false;
  #reason = '';

  private constructor(
    readonly folder: ModelFolder,
    readonly part: string,
    readonly options: NetworkOptions,
  ) {}

  /** Loads `part`/model*.onnx on the backend asked for, or the best one. */
  static async load(
    folder: ModelFolder,
    part: string,
    options: NetworkOptions = {},
  ): Promise<Network> {
    const network = new Network(folder, part, options);
    await network.#start(options.backend ?? 'auto');
    return network;
  }

  /** The session that runs now; a generation keeps the one it began with. */
  get session(): Session {
    return this.#session;
  }

  /** Why this backend was chosen, in one sentence. */
  get reason(): string {
    return this.#reason;
  }

  async #start(choice: BackendChoice): Promise<void> {
    if (choice === 'wasm' || isNode) {
      this.#session = await this.#create('wasm');
      this.#reason = choice === 'wasm' ? 'WASM was asked for' : 'Node has no WebGPU';
      return;
    }
    const probe = await probeWebGpu();
    const allowed = this.options.dtype !== 'int8' || choice === 'webgpu';
    if (!probe.adapter || !allowed) {
      this.#session = await this.#create('wasm');
      this.#reason = probe.adapter ? 'int8 activations run on WASM only' : (probe.reason ?? '');
      if (choice === 'webgpu') this.#warn(this.#reason);
      return;
    }
    this.#adapter = probe;
    const known = choice === 'auto' ? await this.#recall() : undefined;
    if (choice === 'webgpu' || known?.winner === 'webgpu') {
      await this.#startWebGpu(known);
    } else if (known) {
      this.#session = await this.#create('wasm');
      this.#reason = explain(known);
      this.#compared = Promise.resolve();
    } else {
      this.#session = await this.#create('wasm', hasPromiseIntegration() ? 'jspi' : 'wasm');
      this.#reason = 'WASM starts at once; WebGPU is still to be measured';
    }
  }

  async #startWebGpu(known: Measured | undefined): Promise<void> {
    try {
      this.#session = await this.#create('webgpu');
      this.#reason = known ? explain(known) : 'WebGPU was asked for';
      this.#compared = Promise.resolve();
    } catch (error) {
      if (!isBackendFault(error)) throw error;
      this.#warn((error as Error).message);
      this.#session = await this.#create('wasm');
      this.#reason = `WebGPU did not start: ${(error as Error).message}`;
    }
  }

  async #create(backend: Backend, build?: 'jspi' | 'wasm'): Promise<Session> {
    const { folder, part, options } = this;
    const dtype = options.dtype ?? folder.firstOf(part, preferred[backend]);
    const bytes = await folder.readModel(part, dtype, options);
    return Session.create(bytes, backend, dtype, build);
  }

  /**
   * Decides between WASM and WebGPU, once: one run of each with these inputs is compared for numbers and
   * time. Never rejects. Where the backend was asked for, or the answer is known, `feeds` is not called.
   */
  compare(feeds: () => Readonly<Record<string, Feed>>): Promise<void> {
    const { adapter } = this.#adapter ?? {};
    if (!adapter || (this.options.backend ?? 'auto') !== 'auto') return Promise.resolve();
    this.#compared ??= this.#measure(feeds()).catch((error: unknown) => {
      this.#reason = `WebGPU failed: ${(error as Error).message}`;
      if (!this.#disposed && !isAbortError(error)) this.#warn((error as Error).message);
    });
    return this.#compared;
  }

  async #measure(feeds: Readonly<Record<string, Feed>>): Promise<void> {
    const wasm = this.#session;
    const onWasm = await timedRun(wasm, feeds);
    if (onWasm.ms < FAST_ENOUGH && !hasPromiseIntegration()) {
      this.#reason = `WASM runs this network in ${round(onWasm.ms)} ms, too fast to fetch a second runtime`;
      return;
    }
    const webgpu = await this.#create('webgpu');
    try {
      const first = await webgpu.run(feeds);
      const onWebGpu = await timedRun(webgpu, feeds);
      const difference = relativeDifference(onWasm.outputs, first);
      if (!(difference <= AGREEMENT)) {
        throw new DiffusionError('backend-unavailable', 'WebGPU gives other numbers than WASM.');
      }
      const winner = onWebGpu.ms < onWasm.ms ? 'webgpu' : 'wasm';
      const measured = { winner, wasm: round(onWasm.ms), webgpu: round(onWebGpu.ms) } as const;
      await remember(this.#memoryName, measured);
      this.#reason = explain(measured);
      if (winner === 'webgpu' && !this.#disposed) {
        this.#fallback = wasm;
        this.#session = webgpu;
        return;
      }
    } catch (error) {
      await webgpu.release();
      throw error;
    }
    await webgpu.release();
  }

  /**
   * Goes on with WASM after `failed` has lost its device or given wrong numbers; false where
   * there is nothing left to fall back to.
   */
  async fallBack(failed: Session, reason: string): Promise<boolean> {
    if (this.#disposed || failed.backend === 'wasm') return false;
    if (this.#session !== failed) return true;
    this.#warn(reason);
    this.#session = this.#fallback ?? (await this.#create('wasm', 'wasm'));
    this.#fallback = undefined;
    this.#reason = `WebGPU failed: ${reason}`;
    void failed.release().catch(() => undefined);
    return true;
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    await this.#compared;
    await this.#session.release();
    await this.#fallback?.release();
  }

  get #memoryName(): string {
    const { folder, part, options } = this;
    const name = this.#adapter && 'name' in this.#adapter ? this.#adapter.name : '';
    return ['backend', folder.url.href, part, options.dtype ?? 'best', name].join(' ');
  }

  async #recall(): Promise<Measured | undefined> {
    const value = (await recall(this.#memoryName)) as Partial<Measured> | undefined;
    return value && (value.winner === 'wasm' || value.winner === 'webgpu')
      ? (value as Measured)
      : undefined;
  }

  #warn(reason: string): void {
    console.warn(`diffusion-elements: WebGPU is not used, WASM is: ${reason}`);
  }
}

function explain({ winner, wasm, webgpu }: Measured): string {
  const other = winner === 'wasm' ? 'WebGPU' : 'WASM';
  return `measured here: WASM ${wasm} ms and WebGPU ${webgpu} ms a run, so not ${other}`;
}

function isBackendFault(error: unknown): boolean {
  return (
    error instanceof DiffusionError &&
    (error.code === 'backend-unavailable' || error.code === 'device-lost')
  );
}

async function timedRun(
  session: Session,
  feeds: Readonly<Record<string, Feed>>,
): Promise<{ outputs: Outputs; ms: number }> {
  const start = performance.now();
  const outputs = await session.run(feeds);
  return { outputs, ms: performance.now() - start };
}

/** Root mean square of the difference over that of `a`; NaN where any number is not finite. */
function relativeDifference(a: Outputs, b: Outputs): number {
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
