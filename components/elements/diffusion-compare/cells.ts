import { invalidOption } from '../../errors.js';
import type { PlainOptions } from '../../worker/protocol.js';

/** One of the things compared: its options, and the names under which it stands. */
export interface Cell {
  readonly names: readonly string[];
  readonly options: PlainOptions;
}

/** Lists of values, separated by spaces; each that is not empty is an axis of the comparison. */
export interface Axes {
  readonly schedulers: string | null;
  readonly guidanceScales: string | null;
  readonly classifierScales: string | null;
  readonly etas: string | null;
  readonly resamplings: string | null;
  readonly strengths: string | null;
}

const MOST_CELLS = 36;

const words = (list: string | null) => (list ?? '').split(/[\s,]+/).filter(Boolean);

function schedulerCell(word: string): Cell {
  const [scheduler = '', steps] = word.split(':');
  if (steps !== undefined && !/^\d+$/.test(steps)) {
    throw invalidOption('schedulers', word, 'a name, or a name and its steps as in ddim:20');
  }
  return {
    names: [steps ? `${scheduler} ${steps}` : scheduler],
    options: { scheduler, ...(steps && { steps: Number(steps) }) },
  };
}

const numberCells =
  (attribute: string, symbol: string, key: keyof PlainOptions) => (word: string) => {
    const value = Number(word);
    if (Number.isNaN(value)) throw invalidOption(attribute, word, 'numbers, separated by spaces');
    return { names: [`${symbol} = ${word}`], options: { [key]: value } as PlainOptions };
  };

/**
 * The cells of a comparison: each value of each axis with each of the others.
 *
 * @throws DiffusionError `invalid-option`
 */
export function cellsOf(axes: Axes): Cell[] {
  const lists = [
    words(axes.schedulers).map(schedulerCell),
    words(axes.guidanceScales).map(numberCells('guidance-scales', 'w', 'guidanceScale')),
    words(axes.classifierScales).map(numberCells('classifier-scales', 's', 'classifierScale')),
    words(axes.etas).map(numberCells('etas', 'η', 'eta')),
    words(axes.resamplings).map(numberCells('resamplings', 'r', 'resamplings')),
    words(axes.strengths).map(numberCells('strengths', 'strength', 'strength')),
  ].filter((list) => list.length > 0);
  const none: Cell[] = [{ names: [], options: {} }];
  const cells = lists.reduce(
    (all, list) =>
      all.flatMap((a) =>
        list.map((b) => ({
          names: [...a.names, ...b.names],
          options: { ...a.options, ...b.options },
        })),
      ),
    none,
  );
  if (cells.length > MOST_CELLS) {
    throw invalidOption(
      'the number of cells',
      cells.length,
      `at most ${MOST_CELLS}: shorten a list`,
    );
  }
  return cells;
}
