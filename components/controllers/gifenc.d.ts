// gifenc has no types of its own; what is used of it.
declare module 'gifenc/dist/gifenc.esm.js' {
  type Palette = number[][];
  type Format = 'rgb444' | 'rgb565';
  interface Encoder {
    writeFrame(
      index: Uint8Array,
      width: number,
      height: number,
      options: { palette: Palette; delay: number },
    ): void;
    finish(): void;
    bytes(): Uint8Array;
  }
  export function GIFEncoder(): Encoder;
  export function quantize(
    rgba: Uint8ClampedArray,
    colors: number,
    options: { format: Format },
  ): Palette;
  export function applyPalette(
    rgba: Uint8ClampedArray,
    palette: Palette,
    format: Format,
  ): Uint8Array;
}
