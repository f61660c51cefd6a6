// Takes a WebAssembly module apart: a core that starts at once, with the functions that our own networks call, and a rest
// that is fetched when something calls one of its functions. Both have every function under its own number; those whose
// code lies in the other one are stubs, which call them through new slots of the module's table.

import {
  bodiesOf,
  codeOf,
  FUNCREF,
  I32,
  importsOf,
  KINDS,
  moduleOf,
  Reader,
  SECTIONS,
  sectionsOf,
  signed,
  text,
  typesOf,
  unsigned,
  vectorOf,
} from './wasm-module.mjs';

const OP = {
  if: 0x04,
  end: 0x0b,
  call: 0x10,
  callIndirect: 0x11,
  localGet: 0x20,
  tableGet: 0x25,
  i32Const: 0x41,
  refIsNull: 0xd1,
};
const EMPTY = 0x40;
/** Bytes of a function that is hardly larger than its stub, and stays in the core. */
const SMALL = 100;
/** What a stub passes to the import that it calls while the rest is missing: no number that the module itself would pass. */
export const REST_IS_MISSING = -0x5eed5eed;

/** What taking apart and counting need to know of a module. */
export function anatomy(bytes) {
  const sections = sectionsOf(bytes);
  const types = typesOf(sections.get(SECTIONS.type));
  const imports = importsOf(sections.get(SECTIONS.import));
  const functions = imports.filter(({ kind }) => kind === KINDS.function);
  const reader = new Reader(sections.get(SECTIONS.function));
  const takesNumber = ({ type }) =>
    types[type].parameters.join() === String(I32) && types[type].results.length === 0;
  const hook = functions.findIndex(takesNumber);
  if (hook < 0) throw new Error('The module imports no function that takes a number.');
  return {
    sections,
    types,
    imports,
    imported: functions.length,
    declared: reader.vector(() => reader.unsigned()),
    bodies: bodiesOf(sections.get(SECTIONS.code)),
    /** The import that tells JavaScript something; its index and name. */
    hook: { index: hook, name: functions[hook].name },
  };
}

/**
 * @param bytes a module with one table of its own and an imported memory
 * @param kept numbers of the functions, counted without the imported ones, whose code stays in the core
 */
export function split(bytes, kept) {
  const { sections, types, imports, imported, declared, bodies, hook } = anatomy(bytes);
  // Bytes of the module itself are copied from the core alone.
  const initializes = (body) =>
    body.includes(Buffer.from([0xfc, 0x08])) || body.includes(Buffer.from([0xfc, 0x09]));
  const inCore = new Set(kept);
  const stays = (body) => body.length <= SMALL || initializes(body);
  bodies.forEach((body, index) => stays(body) && inCore.add(index));
  const numbers = bodies.map((_, index) => index);
  const core = numbers.filter((index) => inCore.has(index));
  const rest = numbers.filter((index) => !inCore.has(index));

  const table = new Reader(sections.get(SECTIONS.table));
  if (table.unsigned() !== 1 || table.byte() !== FUNCREF)
    throw new Error('One table of functions is expected.');
  const { flags, minimum, maximum } = table.limits();
  const size = minimum + bodies.length;
  const slots = new Map([...core, ...rest].map((index, place) => [index, minimum + place]));
  const limits = [
    flags,
    ...unsigned(size),
    ...(maximum === undefined ? [] : unsigned(maximum + bodies.length)),
  ];

  const stub = (index, orElse) => {
    const type = declared[index];
    const slot = [OP.i32Const, ...signed(slots.get(index))];
    const passed = types[type].parameters.flatMap((_, place) => [OP.localGet, ...unsigned(place)]);
    return Buffer.from([
      0,
      ...orElse(slot),
      ...passed,
      ...slot,
      OP.callIndirect,
      ...unsigned(type),
      0,
      OP.end,
    ]);
  };
  const fetchRest = (slot) => [
    ...slot,
    OP.tableGet,
    0,
    OP.refIsNull,
    OP.if,
    EMPTY,
    OP.i32Const,
    ...signed(REST_IS_MISSING),
    OP.call,
    ...unsigned(hook.index),
    OP.end,
  ];
  /** An active segment of the functions, at the place of the first one's slot. */
  const segment = (functions) => [
    0,
    OP.i32Const,
    ...signed(slots.get(functions[0])),
    OP.end,
    ...unsigned(functions.length),
    ...functions.flatMap((index) => unsigned(imported + index)),
  ];
  const added = (id, entries) => {
    const reader = new Reader(sections.get(id));
    const count = reader.unsigned();
    const old = sections.get(id).subarray(reader.position);
    return Buffer.concat([
      Buffer.from(unsigned(count + entries.length)),
      old,
      ...entries.map((entry) => Buffer.from(entry)),
    ]);
  };

  const globals = new Reader(sections.get(SECTIONS.global)).unsigned();
  const globalNames = Array.from({ length: globals }, (_, index) => `.${index}`);
  const changed = new Map(sections);
  changed.set(SECTIONS.table, vectorOf([[FUNCREF, ...limits]]));
  changed.set(
    SECTIONS.export,
    added(SECTIONS.export, [
      [...text('.table'), KINDS.table, 0],
      ...globalNames.map((name, index) => [...text(name), KINDS.global, ...unsigned(index)]),
    ]),
  );
  changed.set(SECTIONS.element, added(SECTIONS.element, [segment(core)]));
  changed.set(
    SECTIONS.code,
    codeOf(bodies.map((body, index) => (inCore.has(index) ? body : stub(index, fetchRest)))),
  );

  const mutable = globalTypes(sections.get(SECTIONS.global));
  const restSections = [
    [SECTIONS.type, sections.get(SECTIONS.type)],
    [
      SECTIONS.import,
      vectorOf([
        ...imports.map((each) => each.bytes),
        [...text('core'), ...text('.table'), KINDS.table, FUNCREF, ...limits],
        ...globalNames.map((name, index) => [
          ...text('core'),
          ...text(name),
          KINDS.global,
          ...mutable[index],
        ]),
      ]),
    ],
    [SECTIONS.function, sections.get(SECTIONS.function)],
    [SECTIONS.element, vectorOf([segment(rest)])],
    [
      SECTIONS.code,
      codeOf(bodies.map((body, index) => (inCore.has(index) ? stub(index, () => []) : body))),
    ],
  ];
  return { core: moduleOf(changed), rest: moduleOf(restSections) };
}

/** Of each global its type and whether it can change; their values are 32-bit constants. */
function globalTypes(section) {
  const reader = new Reader(section);
  return reader.vector(() => {
    const type = [reader.byte(), reader.byte()];
    if (type[0] !== I32 || reader.byte() !== OP.i32Const)
      throw new Error('Globals are expected to be numbers.');
    reader.unsigned();
    reader.byte();
    return type;
  });
}
