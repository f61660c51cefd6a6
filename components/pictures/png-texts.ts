// Texts in PNG files: uncompressed `iTXt` chunks, and `tEXt` (PNG 1.2, section 4.2.3).

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
/** Signature and header chunk. */
const HEADER = 33;
/** Length, type and checksum around a chunk's data. */
const FRAME = 12;

/** The checksum of PNG's chunks (ISO 3309). */
export function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

function chunk(keyword: string, text: string): Uint8Array {
  // The zeros: end of the keyword, no compression, its method, no language, no translated keyword.
  const content = new TextEncoder().encode(`iTXt${keyword}\0\0\0\0\0${text}`);
  const bytes = new Uint8Array(content.length + 8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, content.length - 4);
  bytes.set(content, 4);
  view.setUint32(4 + content.length, crc32(content));
  return bytes;
}

/** A PNG file that also holds these texts, by their keywords. */
export function withPngTexts(png: Uint8Array, texts: Readonly<Record<string, string>>): Uint8Array {
  const chunks = Object.entries(texts).map(([keyword, text]) => chunk(keyword, text));
  const parts = [png.subarray(0, HEADER), ...chunks, png.subarray(HEADER)];
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The texts of a PNG file by their keywords; none of what is no PNG, or broken, or compressed. */
export function readPngTexts(png: Uint8Array): Record<string, string> {
  const texts: Record<string, string> = {};
  if (!SIGNATURE.every((byte, i) => png[i] === byte)) return texts;
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  let at = SIGNATURE.length;
  while (at + FRAME <= png.length) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...png.subarray(at + 4, at + 8));
    const data = png.subarray(at + 8, at + 8 + length);
    const [keyword, text] =
      type === 'iTXt' ? international(data) : type === 'tEXt' ? plain(data) : [];
    if (keyword && text !== undefined) texts[keyword] = text;
    at += length + FRAME;
  }
  return texts;
}

function plain(data: Uint8Array): [string, string] | [] {
  const end = data.indexOf(0);
  const latin = (bytes: Uint8Array) =>
    Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return end > 0 ? [latin(data.subarray(0, end)), latin(data.subarray(end + 1))] : [];
}

function international(data: Uint8Array): [string, string] | [] {
  const utf8 = new TextDecoder();
  const end = data.indexOf(0);
  const isCompressed = data[end + 1] !== 0;
  const language = data.indexOf(0, end + 3);
  const translated = data.indexOf(0, language + 1);
  if (end <= 0 || isCompressed || language < 0 || translated < 0) return [];
  return [utf8.decode(data.subarray(0, end)), utf8.decode(data.subarray(translated + 1))];
}
