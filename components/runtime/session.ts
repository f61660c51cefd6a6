import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-web/wasm';
import { DiffusionError } from '../errors.js';
import { LazyBytes, type ByteSource } from './byte-source.js';
import { DeviceFeeds } from './device-feeds.js';
import { onDevice } from './device-watch.js';
import { hasPromiseIntegration } from './devices.js';
import { forgetOnnxRuntime, loadOnnxRuntime, type Build, type OnnxRuntime } from './onnxruntime.js';
import type { Dtype } from './dtypes.js';
import type { WeightBytes } from './model-folder.js';
import { RunQueue, type TaskLimits } from './run-queue.js';
import { explainCreation, explainRun, isUnavailable } from './runtime-errors.js';

/** `native` is onnxruntime-node, in Node where it is installed. */
export type Backend = 'webgpu' | 'wasm' | 'native';

/**
 * What goes into a run: arrays of float32, of float16 as their bits, or of integers, with their shapes. `data` is read when
 * the run's turn comes.
 */
export interface Feed {
  readonly data: Float32Array | Uint16Array | BigInt64Array | Int32Array;
  readonly dims: readonly number[];
  /** The same at every run, so that it may stay on the graphics device. */
  readonly isConstant?: boolean;
}

/** An input or output as the network declares it. */
export interface Port {
  readonly name: string;
  /** `float32`, `float16`, `int64`, `int32`, ...; empty for what is no tensor. */
  readonly type: string;
  /** Numbers where the graph fixes a size, else names; empty for a single number, too. */
  readonly shape: readonly (number | string)[];
}

// A first run compiles shaders; a later one that takes this long has hung.
const START_LIMIT = 120_000;
const RUN_LIMIT = 60_000;

/** For every session of every model in this thread. */
const queues: Readonly<Record<Build, RunQueue>> = {
  wasm: new RunQueue(),
  jspi: new RunQueue(),
  asyncify: new RunQueue(),
  native: new RunQueue(),
};

/** The build of onnxruntime-web that runs a backend here. */
export function buildFor(backend: Backend): Build {
  if (backend !== 'webgpu') return backend;
  return hasPromiseIntegration() ? 'jspi' : 'asyncify';
}

function sessionOptions(
  backend: Backend,
  dtype: Dtype,
  optimized: boolean,
): InferenceSession.SessionOptions {
  const options: InferenceSession.SessionOptions = {
    ...(backend === 'native' && { intraOpNumThreads: 0 }),
    executionProviders: [backend === 'native' ? 'cpu' : backend],
    graphOptimizationLevel: optimized ? 'disabled' : 'all',
    logSeverityLevel: 3,
  };
  // Folds 8-bit weights to float once, instead of at every run.
  if (backend === 'webgpu' && dtype === 'q8')
    options.extra = { session: { disable_quant_qdq: '1' } };
  return options;
}

export interface SessionOptions {
  /** Another build than the backend's own, where it runs it too. */
  readonly build?: Build;
  /** The network holds its fusions already. */
  readonly optimized?: boolean;
  /** It is one of the package's own, which need no more than a part of the runtime. */
  readonly isBundled?: boolean;
  /** Files in which the network's weights lie. */
  readonly external?: WeightBytes['external'];
  /** The network's file, for onnxruntime-node, which reads it and what lies beside it itself. */
  readonly path?: string;
  /** Milliseconds that other sessions' tasks wait for one of this session before they go without it. */
  readonly patience?: number;
}

export interface TimedRun {
  /** By name; they belong to the caller. */
  readonly outputs: Record<string, OrtTensor>;
  /** Milliseconds of the run itself, without the wait for its turn. */
  readonly milliseconds: number;
}

/** One ONNX network on one backend. Creating, running and releasing wait their turn in the queue of the runtime. */
export class Session {
  readonly #staged = new Map<string, Float32Array | Uint16Array>();
  readonly #deviceFeeds: DeviceFeeds | undefined;
  #ran = false;
  #released = false;

  private constructor(
    readonly backend: Backend,
    readonly dtype: Dtype,
    readonly build: Build,
    readonly ort: OnnxRuntime,
    readonly inner: InferenceSession,
    /** Milliseconds that others wait behind a run before it is given up; none where its result is needed. */
    public patience: number | undefined,
  ) {
    this.#deviceFeeds = backend === 'webgpu' ? new DeviceFeeds(ort) : undefined;
  }

  /**
   * @param model the ONNX file's bytes
   * @throws `model-invalid` where the bytes are no network that the backend can run; AbortError where others lost their
   *   patience
   */
  static async create(
    model: Uint8Array,
    backend: Backend,
    dtype: Dtype,
    more: SessionOptions = {},
  ): Promise<Session> {
    const { build = buildFor(backend), optimized = false, external = [], path, patience } = more;
    const isOnDevice = backend === 'webgpu';
    const ort = await loadOnnxRuntime(build, { isBundled: more.isBundled, isOnDevice });
    const options = sessionOptions(backend, dtype, optimized);
    // Weights in the order that multiplication likes best are a second copy of them.
    if (external.length > 0) {
      const { session } = (options.extra ?? {}) as { session?: Record<string, unknown> };
      options.extra = { session: { ...session, disable_prepacking: '1' } };
    }
    options.externalData = external.map(({ path, data }) => ({
      path,
      data: mountable(data, build),
    }));
    const start = () =>
      backend === 'native' && path
        ? ort.InferenceSession.create(path, sessionOptions(backend, dtype, optimized))
        : ort.InferenceSession.create(model, options);
    const limits = isOnDevice ? { limit: START_LIMIT, patience } : {};
    try {
      const inner = await queues[build].add(isOnDevice ? () => onDevice(start) : start, limits);
      return new Session(backend, dtype, build, ort, inner, patience);
    } catch (error) {
      const explained = explainCreation(error, backend);
      if (backend === 'wasm' && isUnavailable(explained)) forgetOnnxRuntime(build);
      throw explained;
    }
  }

  /** Where this session's tasks take their turns. */
  get queue(): RunQueue {
    return queues[this.build];
  }

  get inputs(): readonly Port[] {
    return this.inner.inputMetadata.map(toPort);
  }

  get outputs(): readonly Port[] {
    return this.inner.outputMetadata.map(toPort);
  }

  /**
   * Runs the network; the outputs by name, which belong to the caller.
   *
   * @param wanted the outputs to read; all by default
   */
  async run(
    feeds: Readonly<Record<string, Feed>>,
    wanted?: readonly string[],
  ): Promise<TimedRun['outputs']> {
    return (await this.timedRun(feeds, wanted)).outputs;
  }

  /**
   * Runs the network.
   *
   * @throws `device-lost` where the device is lost or hangs, or another's hangs in the same runtime
   */
  async timedRun(
    feeds: Readonly<Record<string, Feed>>,
    wanted: readonly string[] = this.inner.outputNames,
  ): Promise<TimedRun> {
    return this.queue.add(async () => {
      if (this.#released) throw new DiffusionError('device-lost', 'The session was released.');
      const tensors: Record<string, OrtTensor> = {};
      for (const [name, feed] of Object.entries(feeds)) {
        const onDevice =
          this.#deviceFeeds && feed.isConstant && (await this.#deviceFeeds.tensorOf(feed));
        tensors[name] = onDevice || this.#tensor(this.#stage(name, feed.data), feed.dims);
      }
      const start = performance.now();
      try {
        const run = () => this.inner.run(tensors, wanted);
        const outputs = await (this.backend === 'webgpu' ? onDevice(run) : run());
        this.#ran = true;
        return { outputs, milliseconds: performance.now() - start };
      } catch (error) {
        if (this.backend !== 'webgpu') throw explainRun(error);
        throw new DiffusionError('device-lost', 'The graphics device was lost in mid-run.', {
          cause: error,
        });
      }
    }, this.#limits);
  }

  /** These inputs are not needed any more: what is on the device of them is freed. */
  forget(feeds: Readonly<Record<string, Feed>>): void {
    Object.values(feeds).forEach((feed) => this.#deviceFeeds?.forget(feed));
  }

  /** Frees the network, if need be after its device has answered at last. */
  async release(): Promise<void> {
    if (this.#released) return;
    this.#released = true;
    this.#deviceFeeds?.release();
    const release = () => this.inner.release();
    // Refused where the device hangs: nobody should wait for it.
    await this.queue.add(release, { keep: true }).catch(() => undefined);
  }

  get #limits(): TaskLimits {
    if (this.backend !== 'webgpu') return {};
    return { limit: this.#ran ? RUN_LIMIT : START_LIMIT, patience: this.patience };
  }

  /** A copy in memory that stays where it is; the runtime reads it some time after the call. */
  #stage(name: string, data: Feed['data']): Feed['data'] {
    if (!(data instanceof Float32Array || data instanceof Uint16Array)) return data;
    let staged = this.#staged.get(name);
    if (staged?.length !== data.length) {
      staged = data.slice();
      this.#staged.set(name, staged);
    } else {
      staged.set(data);
    }
    return staged;
  }

  #tensor(data: Feed['data'], dims: readonly number[]): OrtTensor {
    if (data instanceof Float32Array) return new this.ort.Tensor('float32', data, dims);
    if (data instanceof Uint16Array) return new this.ort.Tensor('float16', data, dims);
    if (data instanceof Int32Array) return new this.ort.Tensor('int32', data, dims);
    return new this.ort.Tensor('int64', data, dims);
  }
}

/** A file of weights as the runtime takes it: read by itself, or by us, piece by piece. */
function mountable(data: ByteSource, build: Build): Uint8Array | Blob {
  if (data.bytes) return data.bytes;
  return build === 'jspi' && data.blob ? data.blob : new LazyBytes(data);
}

function toPort(metadata: InferenceSession.ValueMetadata): Port {
  const { name } = metadata;
  return metadata.isTensor
    ? { name, type: metadata.type, shape: metadata.shape }
    : { name, type: '', shape: [] };
}
