import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-web/wasm';
import { DiffusionError } from '../errors.js';
import { hasPromiseIntegration } from './devices.js';
import { loadOnnxRuntime, type Build, type OnnxRuntime } from './onnxruntime.js';
import type { Dtype } from './model-folder.js';
import { runQueue } from './run-queue.js';

export type Backend = 'webgpu' | 'wasm';

/**
 * What goes into a run: float32 and integer arrays with their shapes. `data` is read when the run's turn comes.
 */
export interface Feed {
  readonly data: Float32Array | BigInt64Array | Int32Array;
  readonly dims: readonly number[];
}

// A first run compiles shaders; a later one that takes this long has hung.
const FIRST_RUN_LIMIT = 120_000;
const RUN_LIMIT = 60_000;

/** The build of onnxruntime-web that runs a backend here. */
export function buildFor(backend: Backend): Build {
  if (backend === 'wasm') return 'wasm';
  return hasPromiseIntegration() ? 'jspi' : 'asyncify';
}

function sessionOptions(backend: Backend, dtype: Dtype): InferenceSession.SessionOptions {
  const options: InferenceSession.SessionOptions = {
    executionProviders: [backend],
    logSeverityLevel: 3,
  };
  // Folds 8-bit weights to float once, instead of at every run.
  if (backend === 'webgpu' && dtype === 'q8')
    options.extra = { session: { disable_quant_qdq: '1' } };
  return options;
}

async function withinTime<T>(run: Promise<T>, limit: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new DiffusionError('device-lost', 'The graphics device stopped answering.');
    timer = setTimeout(() => reject(error), limit);
  });
  try {
    return await Promise.race([run, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** One ONNX network on one backend. Creating, running and releasing wait their turn in the one queue. */
export class Session {
  readonly #staged = new Map<string, Float32Array>();
  #ran = false;
  #released = false;

  private constructor(
    readonly backend: Backend,
    readonly dtype: Dtype,
    readonly ort: OnnxRuntime,
    readonly inner: InferenceSession,
  ) {}

  /**
   * @param model the ONNX file's bytes
   * @param build another build than the backend's own, where one is loaded that runs it too
   * @throws `model-invalid` where the bytes are no network that the backend can run
   */
  static async create(
    model: Uint8Array,
    backend: Backend,
    dtype: Dtype,
    build: Build = buildFor(backend),
  ): Promise<Session> {
    const ort = await loadOnnxRuntime(build);
    try {
      const inner = await runQueue.add(() =>
        ort.InferenceSession.create(model, sessionOptions(backend, dtype)),
      );
      return new Session(backend, dtype, ort, inner);
    } catch (error) {
      throw explainCreation(error, backend);
    }
  }

  /** Names and element types of the inputs. */
  get inputs(): ReadonlyMap<string, string> {
    const { inputMetadata } = this.inner;
    return new Map(inputMetadata.map((input) => [input.name, input.isTensor ? input.type : '']));
  }

  /** Runs the network; the outputs by name, which belong to the caller. */
  async run(feeds: Readonly<Record<string, Feed>>): Promise<Record<string, OrtTensor>> {
    return runQueue.add(async () => {
      if (this.#released) throw new DiffusionError('device-lost', 'The session was released.');
      const tensors = Object.fromEntries(
        Object.entries(feeds).map(([name, { data, dims }]) => {
          return [name, this.#tensor(this.#stage(name, data), dims)];
        }),
      );
      const run = this.inner.run(tensors);
      if (this.backend === 'wasm') return run;
      const limit = this.#ran ? RUN_LIMIT : FIRST_RUN_LIMIT;
      this.#ran = true;
      return withinTime(run, limit).catch((error: unknown) => {
        if (error instanceof DiffusionError) throw error;
        throw new DiffusionError('device-lost', 'The graphics device was lost in mid-run.', {
          cause: error,
        });
      });
    });
  }

  async release(): Promise<void> {
    await runQueue.add(async () => {
      if (this.#released) return;
      this.#released = true;
      await this.inner.release();
    });
  }

  /** A copy in memory that stays where it is; the runtime reads it some time after the call. */
  #stage(name: string, data: Feed['data']): Feed['data'] {
    if (!(data instanceof Float32Array)) return data;
    let staged = this.#staged.get(name);
    if (staged?.length !== data.length) {
      staged = new Float32Array(data.length);
      this.#staged.set(name, staged);
    }
    staged.set(data);
    return staged;
  }

  #tensor(data: Feed['data'], dims: readonly number[]): OrtTensor {
    if (data instanceof Float32Array) return new this.ort.Tensor('float32', data, dims);
    if (data instanceof Int32Array) return new this.ort.Tensor('int32', data, dims);
    return new this.ort.Tensor('int64', data, dims);
  }
}

function explainCreation(error: unknown, backend: Backend): DiffusionError {
  const message = error instanceof Error ? error.message : String(error);
  if (/memory|allocat/i.test(message)) {
    return new DiffusionError(
      'out-of-memory',
      'There is not enough memory for this model: close other tabs, or choose a smaller model.',
      { cause: error },
    );
  }
  if (/protobuf|parse|ERROR_CODE: (2|7)|Invalid model|ModelProto|INVALID/i.test(message)) {
    return new DiffusionError(
      'model-invalid',
      `The model's file is not an ONNX network that can be loaded (${message}).`,
      { cause: error },
    );
  }
  return new DiffusionError('backend-unavailable', `The ${backend} backend failed: ${message}`, {
    cause: error,
  });
}
