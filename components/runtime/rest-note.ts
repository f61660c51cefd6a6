// A core's note of where its rest lies: a custom section at the end of the module, which goes with it to the runtime's threads.

/** Where a core's rest lies, and how it is asked for. */
export interface RestNote {
  readonly url: string;
  /** Of the packed file, in bytes. */
  readonly size: number;
  /** The name of the import that the core calls when it misses it. */
  readonly hook: string;
  /** Milliseconds after which it counts as not there. */
  readonly patience: number;
}

const NAME = 'rest';
const CUSTOM = 0;

/** The section's bytes. */
export function writeRestNote(note: RestNote): Uint8Array {
  const encoder = new TextEncoder();
  const [name, text] = [encoder.encode(NAME), encoder.encode(JSON.stringify(note))];
  const content = [name.length, ...name, ...text];
  return Uint8Array.of(CUSTOM, ...size(content.length), ...content);
}

/** A size below 2 ** 14 in LEB128. */
const size = (length: number) => [(length & 127) | 128, length >> 7];

/** The note of a core; undefined for a module that is whole. */
export function readRestNote(module: WebAssembly.Module): RestNote | undefined {
  const [section] = WebAssembly.Module.customSections(module, NAME);
  return section && (JSON.parse(new TextDecoder().decode(section)) as RestNote);
}
