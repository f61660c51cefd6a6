import type { ByteSource } from './byte-source.js';

// Numbers of fields in onnx.proto.
const MODEL = { graph: 7 };
const GRAPH = { node: 1, initializer: 5 };
const NODE = { attribute: 5 };
const ATTRIBUTE = { tensor: 5, graph: 6, tensors: 10, graphs: 11 };
const TENSOR = { rawData: 9, externalData: 13, dataLocation: 14 };
const ENTRY = { key: 1, value: 2 };
/** `data_location` of a tensor whose bytes lie elsewhere. */
const EXTERNAL = 1;

const [VARINT, EIGHT_BYTES, DELIMITED, FOUR_BYTES] = [0, 1, 2, 5];
/** Tensors of fewer bytes stay in the graph, where its optimizations look at them. */
const LEAST_EXTERNAL = 1024;
const BLOCK = 1 << 16;

/** A field of a protocol buffer: where it begins, and what it holds. */
interface Field {
  readonly number: number;
  readonly wire: number;
  readonly start: number;
  readonly from: number;
  readonly to: number;
}

/** Reads a protocol buffer's fields, without what they hold, through a window of its bytes. */
class Reader {
  #block: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(readonly source: ByteSource) {}

  byte(offset: number): number {
    const index = offset - this.#at;
    if (index >= 0 && index < this.#block.length) return this.#block[index]!;
    this.#at = offset;
    this.#block = this.source.read(offset, Math.min(BLOCK, this.source.size - offset));
    return this.#block[0] ?? 0;
  }

  /** A number, and the place after it. */
  varint(offset: number): [value: number, next: number] {
    let value = 0;
    for (let at = offset, factor = 1; ; factor *= 128) {
      const byte = this.byte(at++);
      value += (byte & 127) * factor;
      if (byte < 128 || at >= this.source.size) return [value, at];
    }
  }

  *fields(start: number, end: number): Generator<Field> {
    let at = start;
    while (at < end) {
      const begin = at;
      const [key, next] = this.varint(at);
      const [number, wire] = [Math.floor(key / 8), key % 8];
      let [from, to] = [next, next];
      if (wire === VARINT) to = this.varint(next)[1];
      else if (wire === EIGHT_BYTES) to += 8;
      else if (wire === FOUR_BYTES) to += 4;
      else if (wire === DELIMITED) {
        const [length, content] = this.varint(next);
        [from, to] = [content, content + length];
      } else return;
      if (to > end) return;
      yield { number, wire, start: begin, from, to };
      at = to;
    }
  }

  text({ from, to }: Field): string {
    return new TextDecoder().decode(this.source.read(from, to - from));
  }
}

/**
 * The names of the files beside an ONNX file in which its weights lie, as `location` of its tensors' external data; empty
 * where it holds them itself.
 */
export function externalFiles(model: ByteSource): string[] {
  const found = new Set<string>();
  const reader = new Reader(model);

  const readTensor = (tensor: Field) => {
    for (const field of reader.fields(tensor.from, tensor.to)) {
      if (field.number !== TENSOR.externalData) continue;
      const entry = [...reader.fields(field.from, field.to)];
      const part = (number: number) => entry.find((each) => each.number === number);
      const [key, value] = [part(ENTRY.key), part(ENTRY.value)];
      if (key && value && reader.text(key) === 'location') found.add(reader.text(value));
    }
  };
  const readAttribute = (attribute: Field) => {
    for (const field of reader.fields(attribute.from, attribute.to)) {
      const { number } = field;
      if (number === ATTRIBUTE.tensor || number === ATTRIBUTE.tensors) readTensor(field);
      if (number === ATTRIBUTE.graph || number === ATTRIBUTE.graphs) readGraph(field);
    }
  };
  const readGraph = (graph: Field) => {
    for (const field of reader.fields(graph.from, graph.to)) {
      if (field.number === GRAPH.initializer) readTensor(field);
      if (field.number !== GRAPH.node) continue;
      for (const each of reader.fields(field.from, field.to)) {
        if (each.number === NODE.attribute) readAttribute(each);
      }
    }
  };
  for (const field of reader.fields(0, model.size)) {
    if (field.number === MODEL.graph) readGraph(field);
  }
  return [...found];
}

/** The bytes of a protocol buffer as it is put together. */
class Writer {
  readonly #chunks: Uint8Array[] = [];
  length = 0;

  add(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.length += bytes.length;
  }

  varint(value: number): void {
    const bytes: number[] = [];
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
    this.add(Uint8Array.from([...bytes, rest]));
  }

  field(number: number, content: Uint8Array): void {
    this.varint(number * 8 + DELIMITED);
    this.varint(content.length);
    this.add(content);
  }

  bytes(): Uint8Array {
    const all = new Uint8Array(this.length);
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }
}

/** A key and its value in a tensor's external data. */
function entryOf(key: string, value: string): Uint8Array {
  const encoder = new TextEncoder();
  const writer = new Writer();
  writer.field(ENTRY.key, encoder.encode(key));
  writer.field(ENTRY.value, encoder.encode(value));
  return writer.bytes();
}

/**
 * The network without its weights, which are named as external data in a file `location` that holds what `model` does. So
 * they go from there into the runtime, one tensor after the other, and never lie in memory all at once.
 */
export function detachWeights(model: ByteSource, location: string): Uint8Array {
  const reader = new Reader(model);
  const copy = ({ start, to }: Field) => model.read(start, to - start).slice();

  const detachTensor = (tensor: Field): Uint8Array | undefined => {
    const fields = [...reader.fields(tensor.from, tensor.to)];
    const raw = fields.find(({ number }) => number === TENSOR.rawData);
    if (!raw || raw.to - raw.from < LEAST_EXTERNAL) return undefined;
    const writer = new Writer();
    for (const field of fields) if (field !== raw) writer.add(copy(field));
    const entries = { location, offset: String(raw.from), length: String(raw.to - raw.from) };
    for (const [key, value] of Object.entries(entries)) {
      writer.field(TENSOR.externalData, entryOf(key, value));
    }
    writer.varint(TENSOR.dataLocation * 8 + VARINT);
    writer.varint(EXTERNAL);
    return writer.bytes();
  };
  const detachGraph = (graph: Field): Uint8Array => {
    const writer = new Writer();
    for (const field of reader.fields(graph.from, graph.to)) {
      const tensor = field.number === GRAPH.initializer ? detachTensor(field) : undefined;
      if (tensor) writer.field(GRAPH.initializer, tensor);
      else writer.add(copy(field));
    }
    return writer.bytes();
  };
  const writer = new Writer();
  for (const field of reader.fields(0, model.size)) {
    if (field.number === MODEL.graph) writer.field(MODEL.graph, detachGraph(field));
    else writer.add(copy(field));
  }
  return writer.bytes();
}
