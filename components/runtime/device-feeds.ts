import type { Tensor as OrtTensor } from 'onnxruntime-web/wasm';
import type { OnnxRuntime } from './onnxruntime.js';
import type { Feed } from './session.js';

/** What is on the graphics device, for as long as its feed lives. */
interface Uploaded {
  readonly tensor: OrtTensor;
  readonly buffer: GPUBuffer;
}

/** Sizes of GPU buffers are multiples of this. */
const ALIGNMENT = 16;
const types = {
  Float32Array: 'float32',
  Uint16Array: 'float16',
  BigInt64Array: 'int64',
  Int32Array: 'int32',
} as const;

/**
 * Inputs that are the same at every run, on the graphics device: uploaded once, and not before each run. Where the runtime
 * has no device to offer they stay where they are.
 */
export class DeviceFeeds {
  readonly #uploaded = new Map<Feed, Uploaded>();

  constructor(readonly ort: OnnxRuntime) {}

  /** The feed's tensor on the device; undefined where there is none. */
  async tensorOf(feed: Feed): Promise<OrtTensor | undefined> {
    const known = this.#uploaded.get(feed);
    if (known) return known.tensor;
    const device = (await this.ort.env.webgpu.device) as GPUDevice | undefined;
    if (!device?.createBuffer) return undefined;
    const { data, dims } = feed;
    const size = Math.ceil(data.byteLength / ALIGNMENT) * ALIGNMENT;
    const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
    const buffer = device.createBuffer({ size, usage: STORAGE | COPY_SRC | COPY_DST });
    device.queue.writeBuffer(
      buffer,
      0,
      data.buffer as ArrayBuffer,
      data.byteOffset,
      data.byteLength,
    );
    const dataType = types[data.constructor.name as keyof typeof types];
    const tensor = this.ort.Tensor.fromGpuBuffer(buffer, { dataType, dims: [...dims] });
    this.#uploaded.set(feed, { tensor, buffer });
    return tensor;
  }

  /** Frees what was uploaded of a feed. */
  forget(feed: Feed): void {
    const known = this.#uploaded.get(feed);
    this.#uploaded.delete(feed);
    known?.buffer.destroy();
  }

  release(): void {
    for (const feed of [...this.#uploaded.keys()]) this.forget(feed);
  }
}
