import type { ImageSource } from '../../controllers/image-source.js';
import type { PlainOptions, RunResult } from '../../worker/protocol.js';

/** The options of a run, with pictures still as their sources. */
export interface ElementOptions extends Omit<PlainOptions, 'image'> {
  image?: ImageSource;
}

/** What `generate()` of an element takes: its attributes for this run only, and a signal. */
export interface ElementGenerateOptions extends ElementOptions {
  signal?: AbortSignal;
}

/** What elements return from `generate()`. */
export type ElementResult = RunResult;

/** Without what is not set: an empty attribute is none. */
export function givenOptions(options: ElementOptions): ElementOptions {
  const isGiven = (value: unknown) => value !== undefined && value !== null && value !== '';
  return Object.fromEntries(Object.entries(options).filter(([, value]) => isGiven(value)));
}
