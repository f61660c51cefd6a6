// Puts the two parts of a module together where it runs (packing/split.mjs): the core calls an import when it misses a function of
// the rest, whose instance then fills the slots of the core's table. Of each script, a thread runs one core.

import { gunzipSync } from 'fflate';
import { readRestNote, type RestNote } from './rest-note.js';
import { REST_IS_MISSING } from './runtime-files.js';

const { instantiate, Instance, Module } = globalThis.WebAssembly;

let core: WebAssembly.Instance | undefined;
let given: WebAssembly.Imports;
let rest: WebAssembly.Module | undefined;
let isJoined = false;

/** A core's imports, one of which joins it with its rest; those of a whole module as they are. */
export function listenFor(
  module: WebAssembly.Module,
  imports: WebAssembly.Imports,
): WebAssembly.Imports {
  const note = readRestNote(module);
  if (!note) return imports;
  const { hook } = note;
  const parts = Object.entries(imports).map(([name, values]) => {
    const original = values[hook] as ((value: number) => unknown) | undefined;
    const listen = (value: number) =>
      value === REST_IS_MISSING ? joinNow(note) : original?.(value);
    return [name, original ? { ...values, [hook]: listen } : values];
  });
  given = Object.fromEntries(parts) as WebAssembly.Imports;
  return given;
}

/** The core runs now. */
export function begin(instance: WebAssembly.Instance): void {
  core = instance;
}

/** Takes over the rest, and joins it with the core as soon as that runs. */
export async function provideRest(module: WebAssembly.Module): Promise<void> {
  rest = module;
  await join();
}

/** Joins the core with the rest, where both are there. */
export async function join(): Promise<void> {
  if (isJoined || !core || !rest) return;
  await instantiate(rest, restImports());
  isJoined = true;
}

const restImports = () => ({ ...given, core: core!.exports });

/** In mid-run: what was not provided is fetched while the thread waits, which workers alone may do. */
function joinNow(note: RestNote): void {
  new Instance(rest ?? fetchNow(note), restImports());
  isJoined = true;
}

function fetchNow({ url, size, patience }: RestNote): WebAssembly.Module {
  try {
    const request = new XMLHttpRequest();
    request.open('GET', url, false);
    request.responseType = 'arraybuffer';
    request.timeout = patience;
    request.send();
    const packed = new Uint8Array(request.response as ArrayBuffer);
    if (packed.length !== size) throw new Error(`${packed.length} bytes came, not ${size}`);
    return new Module(gunzipSync(packed) as BufferSource);
  } catch (error) {
    const { message } = error as Error;
    throw new Error(`${url}, a part of the runtime, could not be loaded (${message})`, {
      cause: error,
    });
  }
}
