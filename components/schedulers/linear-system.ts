/** The solution of a small system of linear equations, by Gaussian elimination with pivoting. */
export function solveLinear(
  rows: readonly (readonly number[])[],
  right: readonly number[],
): number[] {
  const size = right.length;
  const system = rows.map((row, i) => [...row, right[i]!]);
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let row = column + 1; row < size; row++) {
      if (Math.abs(system[row]![column]!) > Math.abs(system[pivot]![column]!)) pivot = row;
    }
    [system[column], system[pivot]] = [system[pivot]!, system[column]!];
    for (let row = column + 1; row < size; row++) {
      const factor = system[row]![column]! / system[column]![column]!;
      for (let k = column; k <= size; k++) system[row]![k]! -= factor * system[column]![k]!;
    }
  }
  const solution = Array<number>(size).fill(0);
  for (let row = size - 1; row >= 0; row--) {
    let rest = system[row]![size]!;
    for (let k = row + 1; k < size; k++) rest -= system[row]![k]! * solution[k]!;
    solution[row] = rest / system[row]![row]!;
  }
  return solution;
}
