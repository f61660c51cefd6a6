import { invalidOption } from '../errors.js';
import type { Picture } from '../pictures/picture.js';
import type { ModelTraits } from './options.js';

/** More pixels than any model draws at once. */
const LARGEST = 4096;

/**
 * The size of the pictures: what was asked for, that of the picture to start from, or the model's own.
 *
 * @throws DiffusionError `invalid-option`
 */
export function readSize(
  options: { readonly width?: number; readonly height?: number },
  model: ModelTraits,
  pictures: readonly Picture[] | undefined,
): { width: number; height: number } {
  const [picture] = pictures ?? [];
  const read = (name: 'width' | 'height') => {
    const given = options[name];
    if (given !== undefined) return checkSide(name, given, model);
    const side = picture?.[name];
    return side && isSide(side, model) ? side : model[name];
  };
  return { width: read('width'), height: read('height') };
}

function isSide(side: number, { sizeMultiple }: ModelTraits): boolean {
  const isWhole = Number.isInteger(side) && side > 0 && side <= LARGEST;
  return sizeMultiple > 0 && isWhole && side % sizeMultiple === 0;
}

function checkSide(name: 'width' | 'height', side: number, model: ModelTraits): number {
  if (side === model[name] || isSide(side, model)) return side;
  const { sizeMultiple } = model;
  const allowed =
    sizeMultiple > 0
      ? `a multiple of ${sizeMultiple} up to ${LARGEST}`
      : `${model[name]}, the only one that this model draws`;
  throw invalidOption(name, side, allowed);
}
