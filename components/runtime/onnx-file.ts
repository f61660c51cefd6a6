/** Reads a protocol buffer's fields, one after the other, without what they hold. */
function* fields(
  bytes: Uint8Array,
  start: number,
  end: number,
): Generator<[number, number, number]> {
  let at = start;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 127) * factor;
      if (byte < 128 || at > end) return value;
    }
  };
  while (at < end) {
    const key = varint();
    const [field, wire] = [Math.floor(key / 8), key % 8];
    if (wire === 0) varint();
    else if (wire === 1) at += 8;
    else if (wire === 5) at += 4;
    else if (wire !== 2) return;
    if (wire !== 2) continue;
    const length = varint();
    yield [field, at, Math.min(end, at + length)];
    at += length;
  }
}

// Numbers of onnx.proto.
const MODEL = { graph: 7 };
const GRAPH = { node: 1, initializer: 5 };
const NODE = { attribute: 5 };
const ATTRIBUTE = { tensor: 5, graph: 6, tensors: 10, graphs: 11 };
const TENSOR = { externalData: 13 };
const ENTRY = { key: 1, value: 2 };

/**
 * The names of the files beside an ONNX file in which its weights lie, as `location` of its tensors' external data; empty
 * where it holds them itself.
 */
export function externalFiles(model: Uint8Array): string[] {
  const found = new Set<string>();
  const text = new TextDecoder();

  const readTensor = (start: number, end: number) => {
    for (const [field, from, to] of fields(model, start, end)) {
      if (field !== TENSOR.externalData) continue;
      let [key, value] = ['', ''];
      for (const [part, begin, stop] of fields(model, from, to)) {
        if (part === ENTRY.key) key = text.decode(model.subarray(begin, stop));
        if (part === ENTRY.value) value = text.decode(model.subarray(begin, stop));
      }
      if (key === 'location') found.add(value);
    }
  };
  const readAttribute = (start: number, end: number) => {
    for (const [field, from, to] of fields(model, start, end)) {
      if (field === ATTRIBUTE.tensor || field === ATTRIBUTE.tensors) readTensor(from, to);
      if (field === ATTRIBUTE.graph || field === ATTRIBUTE.graphs) readGraph(from, to);
    }
  };
  const readGraph = (start: number, end: number) => {
    for (const [field, from, to] of fields(model, start, end)) {
      if (field === GRAPH.initializer) readTensor(from, to);
      if (field !== GRAPH.node) continue;
      for (const [part, begin, stop] of fields(model, from, to)) {
        if (part === NODE.attribute) readAttribute(begin, stop);
      }
    }
  };
  for (const [field, from, to] of fields(model, 0, model.length)) {
    if (field === MODEL.graph) readGraph(from, to);
  }
  return [...found];
}
