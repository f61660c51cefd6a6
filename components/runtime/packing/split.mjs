// Takes a WebAssembly module apart: a core that starts at once, with the functions that our own networks call, and a rest
// that is fetched when something calls one of its functions. Both have every function under its own number; those whose
// code lies in the other one are stubs, which call them through new slots of the module's table.

import { anatomy } from './anatomy.mjs';
import {
  codeOf,
  extended,
  FUNCREF,
  KINDS,
  moduleOf,
  SECTIONS,
  signed,
  text,
  unsigned,
  vectorOf,
} from './wasm-format.mjs';

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
/** The module from whose exports the rest takes what both share. */
const CORE = 'core';

/** @param kept numbers of the functions, counted without the imported ones, whose code stays in the core */
export function split(bytes, kept) {
  const whole = anatomy(bytes);
  const { sections, bodies } = whole;
  const inCore = new Set(kept);
  bodies.forEach((body, index) => staysInCore(body) && inCore.add(index));
  const [core, rest] = [true, false].map((wanted) =>
    bodies.map((_, index) => index).filter((index) => inCore.has(index) === wanted),
  );
  const slots = new Slots(whole, [...core, ...rest]);
  const shared = sharedParts(whole, slots.limits);

  const coreSections = new Map(sections)
    .set(SECTIONS.table, vectorOf([[FUNCREF, ...slots.limits]]))
    .set(
      SECTIONS.export,
      extended(
        sections.get(SECTIONS.export),
        shared.map((part) => part.exported),
      ),
    )
    .set(SECTIONS.element, extended(sections.get(SECTIONS.element), [slots.segment(core)]))
    .set(
      SECTIONS.code,
      codeOf(bodies.map((body, i) => (inCore.has(i) ? body : slots.stub(i, true)))),
    );
  const restSections = [
    [SECTIONS.type, sections.get(SECTIONS.type)],
    [
      SECTIONS.import,
      extended(
        sections.get(SECTIONS.import),
        shared.map((part) => part.imported),
      ),
    ],
    [SECTIONS.function, sections.get(SECTIONS.function)],
    [SECTIONS.element, vectorOf([slots.segment(rest)])],
    [SECTIONS.code, codeOf(bodies.map((body, i) => (inCore.has(i) ? slots.stub(i, false) : body)))],
  ];
  return { core: moduleOf(coreSections), rest: moduleOf(restSections) };
}

/** Whether a function is small, or copies or drops bytes of the module itself, which the core alone has. */
function staysInCore(body) {
  const instructions = [
    [0xfc, 0x08],
    [0xfc, 0x09],
  ].map((bytes) => Buffer.from(bytes));
  return body.length <= SMALL || instructions.some((each) => body.includes(each));
}

/** The table, globals and tags of the core: as it exports them, and as the rest imports them. */
function sharedParts({ globals, tags }, limits) {
  const part = (name, kind, index, type) => ({
    exported: [...text(name), kind, ...unsigned(index)],
    imported: [...text(CORE), ...text(name), kind, ...type],
  });
  return [
    part('.table', KINDS.table, 0, [FUNCREF, ...limits]),
    ...globals.map((type, index) => part(`.global${index}`, KINDS.global, index, type)),
    ...tags.map((type, index) => part(`.tag${index}`, KINDS.tag, index, type)),
  ];
}

/** Slots of the table, behind its own ones: one for each function. */
class Slots {
  constructor(whole, order) {
    this.whole = whole;
    const { flags, minimum, maximum } = whole.table;
    this.slots = new Map(order.map((index, place) => [index, minimum + place]));
    const grown = [minimum, ...(maximum === undefined ? [] : [maximum])];
    this.limits = [flags, ...grown.flatMap((size) => unsigned(size + order.length))];
  }

  /** An active segment of functions whose slots follow each other. */
  segment(functions) {
    const place = [OP.i32Const, ...signed(this.slots.get(functions[0])), OP.end];
    const numbers = functions.flatMap((index) => unsigned(this.whole.imported + index));
    return [0, ...place, ...unsigned(functions.length), ...numbers];
  }

  /** A function that calls what lies in another's slot, which in the core may be empty as yet. */
  stub(index, mayBeEmpty) {
    const { types, declared } = this.whole;
    const type = declared[index];
    const slot = [OP.i32Const, ...signed(this.slots.get(index))];
    const passed = types[type].parameters.flatMap((_, place) => [OP.localGet, ...unsigned(place)]);
    const call = [...passed, ...slot, OP.callIndirect, ...unsigned(type), 0];
    return Buffer.from([0, ...(mayBeEmpty ? this.#fill(slot) : []), ...call, OP.end]);
  }

  #fill(slot) {
    const isEmpty = [...slot, OP.tableGet, 0, OP.refIsNull];
    const message = [OP.i32Const, ...signed(REST_IS_MISSING)];
    const tell = [...message, OP.call, ...unsigned(this.whole.hook.index)];
    return [...isEmpty, OP.if, EMPTY, ...tell, OP.end];
  }
}
