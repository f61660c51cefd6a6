/** Bytes that can be read in pieces, wherever they lie. */
export interface ByteSource {
  readonly size: number;
  /**
   * A view where the bytes are in memory, else a copy.
   *
   * @param into where a copy may be put: as long, or longer
   */
  read(offset: number, length: number, into?: Uint8Array): Uint8Array;
  /** All of them, where they are in memory. */
  readonly bytes?: Uint8Array;
  /** The same as a blob, where they are one. */
  readonly blob?: Blob;
  /** Their file, in Node. */
  readonly path?: string;
}

export function sourceOfBytes(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    bytes,
    read: (offset, length) => bytes.subarray(offset, offset + length),
  };
}

/** Of workers; a page's own thread has none. */
declare const FileReaderSync: new () => { readAsArrayBuffer(blob: Blob): ArrayBuffer };

/** Whether this thread can read blobs piece by piece: workers can. */
export const canReadBlobs = typeof FileReaderSync === 'function';

/** A blob of the browser's storage, which lies on disk. */
export function sourceOfBlob(blob: Blob): ByteSource {
  const reader = new FileReaderSync();
  return {
    size: blob.size,
    blob,
    read: (offset, length) =>
      new Uint8Array(reader.readAsArrayBuffer(blob.slice(offset, offset + length))),
  };
}

/** A file of Node's, which is opened for each piece, so that nothing needs to be closed. */
export function sourceOfFile(path: string, size: number): ByteSource {
  const { closeSync, openSync, readSync } = process.getBuiltinModule('node:fs');
  return {
    size,
    path,
    read(offset, length, into) {
      const bytes = into?.subarray(0, length) ?? new Uint8Array(length);
      const file = openSync(path, 'r');
      try {
        for (let done = 0; done < length;) {
          const count = readSync(file, bytes, done, length - done, offset + done);
          if (count === 0) throw new Error(`${path} ends before its size`);
          done += count;
        }
        return bytes;
      } finally {
        closeSync(file);
      }
    },
  };
}

/** What onnxruntime-web takes for bytes in memory, of which it asks for one piece after the other. */
export class LazyBytes extends Uint8Array<ArrayBuffer> {
  #piece = new Uint8Array(0);

  constructor(readonly source: ByteSource) {
    super(new ArrayBuffer(0));
  }

  override get byteLength(): number {
    return this.source.size;
  }

  override subarray(begin = 0, end = this.source.size): Uint8Array<ArrayBuffer> {
    const length = end - begin;
    // The runtime copies each piece before it asks for the next.
    if (this.#piece.length < length) this.#piece = new Uint8Array(length);
    return this.source.read(begin, length, this.#piece) as Uint8Array<ArrayBuffer>;
  }
}
