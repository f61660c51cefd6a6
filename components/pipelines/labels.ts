import { invalidOption } from '../errors.js';
import { parseBlend } from '../pictures/label-blend.js';
import { perPicture, type BatchSize, type OneOrEach } from './batch.js';

/**
 * A class by its name or its number, or several by their weights, such as `{ bag: 0.5, sneaker: 0.5 }`; as text a place between
 * two, `bag, sneaker @ 0.5`.
 */
export type Label = string | number | Readonly<Record<string, number>>;

/** A class of a picture, and its weight among the picture's classes; the weights of a picture sum to 1. */
export interface ClassShare {
  readonly index: number;
  readonly weight: number;
}

function classIndex(label: string | number, labels: readonly string[]): number {
  if (labels.length === 0) {
    throw invalidOption('label', label, 'left out: this model has no classes');
  }
  const text = String(label).trim();
  const byName = labels.findIndex((name) => name.toLowerCase() === text.toLowerCase());
  const index = byName >= 0 ? byName : /^\d+$/.test(text) ? Number(text) : -1;
  if (index < 0 || index >= labels.length) {
    throw invalidOption('label', label, `one of ${labels.join(', ')}`);
  }
  return index;
}

function classShares(label: Label, labels: readonly string[]): ClassShare[] {
  const blend = typeof label === 'string' ? parseBlend(label) : undefined;
  if (blend && blend.from !== blend.to) {
    return classShares({ [blend.from]: 1 - blend.share, [blend.to]: blend.share }, labels);
  }
  if (blend) return classShares(blend.from, labels);
  if (typeof label !== 'object' || label === null) {
    return [{ index: classIndex(label, labels), weight: 1 }];
  }
  const entries = Object.entries(label).filter(([, weight]) => weight !== 0);
  const total = entries.reduce((sum, [, weight]) => sum + weight, 0);
  if (!(total > 0) || !entries.every(([, weight]) => Number.isFinite(weight) && weight > 0)) {
    throw invalidOption(
      'label',
      JSON.stringify(label),
      'classes with weights of 0 or more, not all 0',
    );
  }
  return entries.map(([name, weight]) => ({
    index: classIndex(name, labels),
    weight: weight / total,
  }));
}

/**
 * The classes of each picture; undefined where none is asked for.
 *
 * @throws DiffusionError `invalid-option`
 */
export function readLabels(
  label: OneOrEach<Label> | undefined,
  size: BatchSize,
  labels: readonly string[],
): ClassShare[][] | undefined {
  if (label === undefined || label === '') return undefined;
  if (Array.isArray(label) && label.length !== size.batch) {
    const allowed = `one label, or one for each of ${size.batch}`;
    throw invalidOption('label', `a list of ${label.length}`, allowed);
  }
  return perPicture<Label>(label, size).map((each) => classShares(each, labels));
}
