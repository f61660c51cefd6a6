import type { DownloadTap } from './download.js';

/** A packed WASM file, unpacked, and the bytes of `note` at its end. */
export function unpack(packed: ReadableStream<Uint8Array>, note?: Uint8Array): Response {
  const gzip = new DecompressionStream('gzip') as unknown as TransformStream<Uint8Array>;
  const unpacked = packed.pipeThrough(gzip);
  return new Response(note ? unpacked.pipeThrough(ending(note)) : unpacked, {
    headers: { 'content-type': 'application/wasm' },
  });
}

function ending(note: Uint8Array): TransformStream<Uint8Array, Uint8Array> {
  return new TransformStream({ flush: (controller) => controller.enqueue(note) });
}

/**
 * Unpacks and compiles WASM while it is fetched. Nothing of it runs: whether the bytes are the right ones is known only at
 * their end, and a module that they don't belong to is dropped.
 */
export class EagerCompile implements DownloadTap {
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #module: Promise<WebAssembly.Module> | undefined;

  constructor(readonly note?: Uint8Array) {}

  restart(): void {
    this.drop();
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
    });
    this.#module = WebAssembly.compileStreaming(unpack(stream, this.note));
    this.#module.catch(() => undefined);
  }

  chunk(bytes: Uint8Array): void {
    try {
      this.#controller?.enqueue(bytes);
    } catch {
      // What can't be unpacked, or compiled under the page's rules, is told by whoever compiles the checked bytes.
      this.#controller = undefined;
    }
  }

  /** The module of the bytes that came, which were all, and the right ones; undefined where there is none. */
  async finish(): Promise<WebAssembly.Module | undefined> {
    try {
      this.#controller?.close();
      return await this.#module;
    } catch {
      return undefined;
    }
  }

  /** The bytes were the wrong ones, or not all. */
  drop(): void {
    try {
      this.#controller?.error(new Error('The file begins anew.'));
    } catch {
      // It has ended by itself.
    }
    this.#controller = this.#module = undefined;
  }
}
