// The binary format of WebAssembly modules, as far as taking one apart needs it (WebAssembly Core Specification, 5).

export const SECTIONS = {
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  tag: 13,
  global: 6,
  export: 7,
  element: 9,
  dataCount: 12,
  code: 10,
};
export const KINDS = { function: 0, table: 1, memory: 2, global: 3, tag: 4 };
export const I32 = 0x7f;
export const FUNCREF = 0x70;

/** An unsigned number in LEB128. */
export function unsigned(value) {
  const bytes = [];
  do {
    const rest = Math.floor(value / 128);
    bytes.push((value % 128) + (rest > 0 ? 128 : 0));
    value = rest;
  } while (value > 0);
  return bytes;
}

/** A signed 32-bit number in LEB128. */
export function signed(value) {
  const bytes = [];
  for (;;) {
    const low = value & 127;
    value >>= 7;
    if ((value === 0 && low < 64) || (value === -1 && low >= 64)) return [...bytes, low];
    bytes.push(low | 128);
  }
}

export const text = (string) => [...unsigned(Buffer.byteLength(string)), ...Buffer.from(string)];

export class Reader {
  position = 0;

  constructor(bytes) {
    this.bytes = bytes;
  }

  byte() {
    return this.bytes[this.position++];
  }

  unsigned() {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      factor *= 128;
    }
  }

  take(length) {
    return this.bytes.subarray(this.position, (this.position += length));
  }

  /** A vector's entries, each by `read`. */
  vector(read) {
    return Array.from({ length: this.unsigned() }, () => read());
  }

  text() {
    return this.take(this.unsigned()).toString();
  }

  limits() {
    const flags = this.byte();
    const minimum = this.unsigned();
    return { flags, minimum, maximum: flags & 1 ? this.unsigned() : undefined };
  }
}

/** A module's sections in their order, by number, without the custom ones. */
export function sectionsOf(bytes) {
  const reader = new Reader(bytes);
  reader.position = 8;
  const sections = new Map();
  while (reader.position < bytes.length) {
    const id = reader.byte();
    const content = reader.take(reader.unsigned());
    if (id !== 0) sections.set(id, content);
  }
  return sections;
}

/** @param sections pairs of a number and its bytes, in the order of the module */
export function moduleOf(sections) {
  const parts = [Buffer.from('\0asm\x01\0\0\0', 'latin1')];
  for (const [id, content] of sections) {
    parts.push(Buffer.from([id, ...unsigned(content.length)]), content);
  }
  return Buffer.concat(parts);
}

/** A vector section of entries that are bytes already. */
export const vectorOf = (entries) =>
  Buffer.concat([
    Buffer.from(unsigned(entries.length)),
    ...entries.map((entry) => Buffer.from(entry)),
  ]);

/** A vector section with entries added at its end. */
export function extended(section, entries) {
  const reader = new Reader(section);
  const count = reader.unsigned();
  const added = entries.map((entry) => Buffer.from(entry));
  const old = section.subarray(reader.position);
  return Buffer.concat([Buffer.from(unsigned(count + entries.length)), old, ...added]);
}

/** Types of functions: lists of the bytes of parameters and results. */
export function typesOf(section) {
  const reader = new Reader(section);
  return reader.vector(() => {
    reader.byte();
    return {
      parameters: reader.vector(() => reader.byte()),
      results: reader.vector(() => reader.byte()),
    };
  });
}

/** Imports with their bytes; `type` is a function's. */
export function importsOf(section) {
  const reader = new Reader(section);
  return reader.vector(() => {
    const start = reader.position;
    const [module, name, kind] = [reader.text(), reader.text(), reader.byte()];
    const type = kind === KINDS.function ? reader.unsigned() : undefined;
    if (kind === KINDS.memory) reader.limits();
    else if (kind !== KINDS.function) throw new Error(`No import of kind ${kind} is expected.`);
    return { module, name, kind, type, bytes: section.subarray(start, reader.position) };
  });
}

/** Bodies of functions, each without its size. */
export function bodiesOf(section) {
  const reader = new Reader(section);
  return reader.vector(() => reader.take(reader.unsigned()));
}

export const codeOf = (bodies) =>
  vectorOf(bodies.map((body) => Buffer.concat([Buffer.from(unsigned(body.length)), body])));

/** Where a body's instructions begin, after its local variables. */
export function instructionsAt(body) {
  const reader = new Reader(body);
  reader.vector(() => [reader.unsigned(), reader.byte()]);
  return reader.position;
}
