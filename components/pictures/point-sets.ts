import { invalidOption } from '../errors.js';

/** Distributions in the plane, centred, with a spread of about 1; `letters` and `drawn` come from the page. */
export const pointSets = ['moons', 'spiral', 'ring', 'letters', 'drawn'] as const;
export type PointSet = (typeof pointSets)[number];

const COUNT = 2000;

/** Uniform numbers in [0, 1): mulberry32, the same on every machine. */
function uniforms(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Draw = (u: number, blur: () => number) => readonly [x: number, y: number];

const shapes: Record<'moons' | 'spiral' | 'ring', Draw> = {
  moons(u, blur) {
    const upper = u < 0.5;
    const angle = Math.PI * (2 * u - (upper ? 0 : 1));
    const x = upper ? Math.cos(angle) - 0.5 : 0.5 - Math.cos(angle);
    const y = upper ? Math.sin(angle) - 0.25 : 0.25 - Math.sin(angle);
    return [1.15 * x + 0.07 * blur(), 1.5 * y + 0.07 * blur()];
  },
  spiral(u, blur) {
    const angle = 3 * Math.PI * Math.sqrt(u);
    const radius = (1.9 * angle) / (3 * Math.PI);
    return [radius * Math.cos(angle) + 0.04 * blur(), radius * Math.sin(angle) + 0.04 * blur()];
  },
  ring(u, blur) {
    const radius = 1.4 + 0.06 * blur();
    return [radius * Math.cos(2 * Math.PI * u), radius * Math.sin(2 * Math.PI * u)];
  },
};

/** Points of a shape: x and y, one after the other; the same for the same seed. */
export function drawPoints(shape: keyof typeof shapes, seed = 1): Float32Array {
  const next = uniforms(seed);
  const blur = () => (next() + next() + next() + next() - 2) * Math.sqrt(3);
  return Float32Array.from(Array.from({ length: COUNT }, () => shapes[shape](next(), blur)).flat());
}

/** Points in the dark parts of a picture, centred, its height being 2.6. */
export function pointsOfPicture(
  alpha: Uint8ClampedArray,
  width: number,
  height: number,
  seed = 1,
): Float32Array {
  const inked: number[] = [];
  for (let i = 0; i < width * height; i++) if (alpha[4 * i + 3]! > 127) inked.push(i);
  if (inked.length === 0) throw invalidOption('letters', '', 'letters that can be seen');
  const next = uniforms(seed);
  const scale = Math.min(2.6 / height, 4.2 / width);
  return Float32Array.from(
    Array.from({ length: COUNT }, () => {
      const at = inked[Math.floor(next() * inked.length)]!;
      const x = (at % width) + next() - width / 2;
      const y = height / 2 - Math.floor(at / width) - next();
      return [x * scale, y * scale];
    }).flat(),
  );
}
