// Makes a module tell which of its functions are called: each calls an import with its number when it begins.

import { anatomy } from './anatomy.mjs';
import { codeOf, instructionsAt, moduleOf, SECTIONS, signed, unsigned } from './wasm-format.mjs';

const I32_CONST = 0x41;
const CALL = 0x10;
/** A function's number is told as this number less it. */
export const FIRST = -0x5eed0000;

export function instrument(bytes) {
  const { sections, bodies, hook } = anatomy(bytes);
  const telling = bodies.map((body, index) => {
    const start = instructionsAt(body);
    const tell = Buffer.from([I32_CONST, ...signed(FIRST - index), CALL, ...unsigned(hook.index)]);
    return Buffer.concat([body.subarray(0, start), tell, body.subarray(start)]);
  });
  const changed = new Map(sections).set(SECTIONS.code, codeOf(telling));
  return { bytes: moduleOf(changed), hook: hook.name, count: bodies.length };
}
