// What taking a module apart, and counting its calls, need to know of it.

import {
  bodiesOf,
  FUNCREF,
  I32,
  importsOf,
  KINDS,
  Reader,
  SECTIONS,
  sectionsOf,
  typesOf,
} from './wasm-format.mjs';

const I32_CONST = 0x41;

/** Of a module with one table of its own, an imported memory, and globals that are numbers. */
export function anatomy(bytes) {
  const sections = sectionsOf(bytes);
  const types = typesOf(sections.get(SECTIONS.type));
  const imports = importsOf(sections.get(SECTIONS.import));
  const functions = imports.filter(({ kind }) => kind === KINDS.function);
  const takesNumber = ({ type }) =>
    types[type].parameters.join() === String(I32) && types[type].results.length === 0;
  const hook = functions.findIndex(takesNumber);
  if (hook < 0) throw new Error('The module imports no function that takes a number.');
  return {
    sections,
    types,
    imports,
    imported: functions.length,
    /** The types of its own functions, and what they do. */
    declared: vectorIn(sections.get(SECTIONS.function), (reader) => reader.unsigned()),
    bodies: bodiesOf(sections.get(SECTIONS.code)),
    table: tableOf(sections.get(SECTIONS.table)),
    globals: vectorIn(sections.get(SECTIONS.global), globalType),
    tags: vectorIn(sections.get(SECTIONS.tag), tagType),
    /** An import that tells JavaScript something; its index and name. */
    hook: { index: hook, name: functions[hook].name },
  };
}

function vectorIn(section, read) {
  if (!section) return [];
  const reader = new Reader(section);
  return reader.vector(() => read(reader));
}

function tableOf(section) {
  const reader = new Reader(section);
  if (reader.unsigned() === 1 && reader.byte() === FUNCREF) return reader.limits();
  throw new Error('One table of functions is expected.');
}

/** Bytes of a global's type, and of whether it can change; its value follows. */
function globalType(reader) {
  const type = [reader.byte(), reader.byte()];
  if (type[0] !== I32 || reader.byte() !== I32_CONST) {
    throw new Error('Globals are expected to be numbers.');
  }
  reader.unsigned();
  reader.byte();
  return type;
}

const tagType = (reader) => [reader.byte(), reader.byte()];
