/** Bytes that can be read in pieces, wherever they lie. */
export interface ByteSource {
  readonly size: number;
  /** Valid until it is collected: a view where the bytes are in memory, else a copy. */
  read(offset: number, length: number): Uint8Array;
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
    read(offset, length) {
      const bytes = new Uint8Array(length);
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
  constructor(readonly source: ByteSource) {
    super(new ArrayBuffer(0));
  }

  override get byteLength(): number {
    return this.source.size;
  }

  override subarray(begin = 0, end = this.source.size): Uint8Array<ArrayBuffer> {
    return this.source.read(begin, end - begin) as Uint8Array<ArrayBuffer>;
  }
}
