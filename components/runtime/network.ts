import { abortable, DiffusionError, invalidOption, isAbortError } from '../errors.js';
import { compareBackends, explain, type Measured } from './backend-comparison.js';
import { hasPromiseIntegration, isNode, probeWebGpu, type WebGpuProbe } from './devices.js';
import type { Dtype } from './dtypes.js';
import type { ModelFolder, Weights } from './model-folder.js';
import { buildFor, Session, type Backend, type Feed, type SessionOptions } from './session.js';
import { hasNativeRuntime, loadOnnxRuntime, runtimeParts, type Build } from './onnxruntime.js';
import { halves, wantedDtypes, type WantedDtype } from './preferred-dtypes.js';
import { Progress } from './progress.js';
import { recall, remember } from './storage.js';

export type BackendChoice = Backend | 'auto';

export interface NetworkOptions extends WantedDtype {
  readonly signal?: AbortSignal;
  /** Where this network's bytes are counted, among others'. */
  readonly progress?: Progress;
  readonly backend?: BackendChoice;
  /** The build of the runtime that the WASM backend should run in. */
  readonly build?: Build;
}

const backends: readonly string[] = ['auto', 'webgpu', 'wasm', ...(isNode ? ['native'] : [])];

/** Bytes of weights that are not held twice to compare the backends. */
const LARGE = 100e6;
/** Bytes of weights above which nobody downloads one file for WASM and another for WebGPU. */
const FETCHED_TWICE = 4e6;
/** Bytes of weights that fit into WASM's 4 GB beside all else. */
const WASM_ROOM = 3.5e9;
/** A network that WASM runs in less than this, in ms, is not worth fetching a second runtime for. */
const FAST_ENOUGH = 30;
/** Milliseconds without a run after which a measurement is in nobody's way, and that a run then waits for it. */
const QUIET = 500;
const PATIENCE = 4000;

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
  #replacing: Promise<void> | undefined;
  #isLarge = false;
  /** The type that both backends run, where the weights are too large to be fetched in two. */
  #shared: Dtype | undefined;
  #size = 0;
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

  /** Bytes of its ONNX file and of the weights beside it, as they were last read. */
  get size(): number {
    return this.#size;
  }

  /** Why this backend was chosen, in one sentence. */
  get reason(): string {
    return this.#reason;
  }

  async #start(choice: BackendChoice): Promise<void> {
    if (isNode && choice !== 'wasm' && (await this.#startNative(choice))) return;
    if (choice === 'wasm' || isNode) {
      this.#session = await this.#create('wasm');
      this.#reason ||= choice === 'wasm' ? 'WASM was asked for' : 'Node has no WebGPU';
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
    const { folder, part, options } = this;
    const weights = await folder.findWeights(part, this.#wanted('webgpu'), options.signal);
    this.#isLarge = weights.size >= LARGE;
    // WASM only emulates 16-bit numbers.
    const isForBoth = weights.size > FETCHED_TWICE && !halves.includes(weights.dtype);
    if (choice === 'auto' && isForBoth) this.#shared = weights.dtype;
    const known = choice === 'auto' && !this.#isLarge ? await this.#recall() : undefined;
    if (choice === 'webgpu' || this.#isLarge || known?.winner === 'webgpu') {
      await this.#startWebGpu(choice, known);
    } else if (known) {
      this.#session = await this.#create('wasm');
      this.#reason = explain(known);
      this.#compared = Promise.resolve();
    } else {
      this.#session = await this.#createBeside();
      this.#reason = 'WASM starts at once; WebGPU is still to be measured';
    }
  }

  /** With onnxruntime-node, where it is installed and can run the network; tells whether it does. */
  async #startNative(choice: BackendChoice): Promise<boolean> {
    if (!(await hasNativeRuntime())) {
      if (choice !== 'native') return false;
      throw new DiffusionError(
        'backend-unavailable',
        'The native backend needs the package onnxruntime-node: install it, or leave "backend" out.',
      );
    }
    try {
      this.#session = await this.#create('native');
      this.#reason = 'onnxruntime-node is installed';
      return true;
    } catch (error) {
      if (choice === 'native' || !(error instanceof DiffusionError)) throw error;
      if (error.code !== 'model-invalid' && error.code !== 'backend-unavailable') throw error;
      this.#reason = `onnxruntime-node could not run it: ${error.message}`;
      return false;
    }
  }

  async #startWebGpu(choice: BackendChoice, known: Measured | undefined): Promise<void> {
    try {
      this.#session = await this.#create('webgpu');
      this.#reason = known
        ? explain(known)
        : choice === 'webgpu'
          ? 'WebGPU was asked for'
          : 'this model is too large to be measured on both backends';
      this.#compared = Promise.resolve();
    } catch (error) {
      if (!isBackendFault(error)) throw error;
      this.#warn((error as Error).message);
      this.#session = await this.#create('wasm');
      this.#reason = `WebGPU did not start: ${(error as Error).message}`;
    }
  }

  /** WASM in the runtime that WebGPU will be measured in, unless the device hangs there. */
  async #createBeside(): Promise<Session> {
    if (!hasPromiseIntegration()) return this.#create('wasm');
    try {
      return await this.#create('wasm', { build: 'jspi' });
    } catch (error) {
      const { code } = error as Partial<DiffusionError>;
      const isLeftOut = this.#shared !== undefined && code === 'model-not-found';
      if (!isBackendFault(error) && !isLeftOut) throw error;
      // A site may hold only what WASM needs.
      this.#shared = undefined;
      return this.#create('wasm');
    }
  }

  async #create(backend: Backend, sessionOptions?: SessionOptions): Promise<Session> {
    const { folder, part, options } = this;
    const { signal, progress = new Progress() } = options;
    const build = sessionOptions?.build ?? this.#buildFor(backend);
    const { isBundled } = folder;
    const purpose = { isBundled, isOnDevice: backend === 'webgpu' };
    const parts = runtimeParts(build, purpose);
    const onParts = parts.map(({ file, size }) => progress.add(file, size));
    const isThere = () => parts.forEach(({ size }, index) => onParts[index]!(size, size));
    const weights = await folder.findWeights(part, this.#wanted(backend), signal);
    if (backend === 'wasm' && weights.size > WASM_ROOM) throw tooLarge(weights);
    const onBytes = progress.add(weights.file, weights.size);
    const [{ bytes, external, path, size }] = await Promise.all([
      folder.readWeights(weights, { signal, onBytes }),
      abortable(loadOnnxRuntime(build, purpose, onParts), signal).then(isThere),
    ]);
    const { dtype, optimized } = weights;
    this.#size = size;
    const given = { ...sessionOptions, build, optimized, external, path, isBundled };
    try {
      return await Session.create(bytes, backend, dtype, given);
    } catch (error) {
      const isBroken = error instanceof DiffusionError && error.code === 'model-invalid';
      if (isBroken) await folder.forgetWeights(weights);
      throw error;
    }
  }

  #buildFor(backend: Backend): Build {
    return (backend === 'wasm' && this.options.build) || buildFor(backend);
  }

  #wanted(backend: Backend): readonly Dtype[] {
    const hasHalves = this.#adapter?.adapter?.features.has('shader-f16') ?? false;
    return wantedDtypes(backend, hasHalves, this.options, this.#shared);
  }

  /**
   * Decides between WASM and WebGPU, once, when nothing else is drawn: one run of each with these inputs is compared
   * for numbers and time. Never rejects. Where the backend was asked for, or the answer is known, `feeds` is not called.
   */
  compare(feeds: () => Readonly<Record<string, Feed>>): Promise<void> {
    const { adapter } = this.#adapter ?? {};
    if (!adapter || this.#isLarge || (this.options.backend ?? 'auto') !== 'auto') {
      return Promise.resolve();
    }
    this.#compared ??= this.#measure(feeds()).catch((error: unknown) => {
      if (isAbortError(error)) {
        this.#reason = 'WebGPU was still starting when pictures had to be drawn, so WASM goes on';
        return;
      }
      this.#reason = `WebGPU failed: ${(error as Error).message}`;
      if (!this.#disposed) this.#warn((error as Error).message);
    });
    return this.#compared;
  }

  async #measure(feeds: Readonly<Record<string, Feed>>): Promise<void> {
    const wasm = this.#session;
    await wasm.queue.quiet(QUIET);
    if (this.#disposed) return;
    if (!hasPromiseIntegration()) {
      const { milliseconds } = await wasm.timedRun(feeds);
      if (milliseconds < FAST_ENOUGH) {
        const ms = Math.round(milliseconds);
        this.#reason = `WASM runs this network in ${ms} ms, too fast to fetch a second runtime`;
        return;
      }
    }
    const webgpu = await this.#create('webgpu', { patience: PATIENCE });
    try {
      const measured = await compareBackends(wasm, webgpu, feeds);
      await remember(this.#memoryName, measured);
      this.#reason = explain(measured);
      if (measured.winner === 'webgpu' && !this.#disposed && this.#session === wasm) {
        this.#fallback = wasm;
        this.#session = webgpu;
        webgpu.patience = undefined;
      }
    } finally {
      if (this.#session !== webgpu) await webgpu.release();
    }
  }

  /**
   * Goes on with WASM after `failed` has lost its device or gave wrong numbers, and with WASM in a runtime of its own
   * after a device has hung in the one that `failed` runs in; false where there is nothing left to fall back to.
   */
  async fallBack(failed: Session, reason: string): Promise<boolean> {
    if (this.#disposed || failed.build === 'wasm' || failed.build === 'native') return false;
    if (this.#session === failed) await (this.#replacing ??= this.#replace(failed, reason));
    return true;
  }

  async #replace(failed: Session, reason: string): Promise<void> {
    if (failed.backend === 'webgpu') {
      this.#warn(reason);
      this.#reason = `WebGPU failed: ${reason}`;
    }
    try {
      // Not in the runtime in which the device hangs, whatever was asked for.
      this.#session = this.#fallback ?? (await this.#create('wasm', { build: 'wasm' }));
      this.#fallback = undefined;
      void failed.release();
    } finally {
      this.#replacing = undefined;
    }
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
    return ['backend', folder.name, part, options.dtype ?? 'best', name].join(' ');
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

function tooLarge({ file, size }: Weights): DiffusionError {
  const gigabytes = (size / 1e9).toFixed(1);
  return new DiffusionError(
    'out-of-memory',
    `${file} has ${gigabytes} GB, and WASM room for ${WASM_ROOM / 1e9}: use a smaller variant (dtype), or a browser with WebGPU.`,
  );
}

function isBackendFault(error: unknown): boolean {
  return (
    error instanceof DiffusionError &&
    (error.code === 'backend-unavailable' || error.code === 'device-lost')
  );
}
