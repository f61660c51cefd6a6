// The site's icon as PNGs, for systems that take no SVG: its squares on a coloured ground.
import { writeFile } from 'node:fs/promises';
import { encode } from 'fast-png';

const GROUND = [52, 83, 200];
/** Left, top and opacity of squares with sides of 5, on a field of 24. */
const squares = [
  [4, 4, 0.35],
  [15, 4, 0.35],
  [4, 15, 0.35],
  [9.5, 9.5, 1],
  [15, 15, 0.7],
];

/** Maskable: what matters lies in the middle. */
export async function writeIcon(path, side) {
  const data = new Uint8Array(3 * side * side);
  for (let i = 0; i < side * side; i++) {
    const [x, y] = [i % side, Math.floor(i / side)].map(
      (at) => ((at + 0.5) / side - 0.5) * 32 + 12,
    );
    const square = squares.find(
      ([left, top]) => x >= left && x < left + 5 && y >= top && y < top + 5,
    );
    const share = square?.[2] ?? 0;
    data.set(
      GROUND.map((value) => value + (255 - value) * share),
      3 * i,
    );
  }
  await writeFile(path, encode({ data, width: side, height: side, channels: 3 }));
}
