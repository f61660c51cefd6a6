/** A picture as bytes: RGBA, row by row, `4 * width * height` of them. */
export interface Picture {
  readonly data: Uint8ClampedArray<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}
