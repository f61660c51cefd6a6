import { invalidOption } from '../../errors.js';

export interface Brush {
  readonly brushSize?: number;
  readonly colour: string;
  readonly ground: string;
}

/** @throws DiffusionError `invalid-option` */
export function checkBrush({ brushSize = 1, colour, ground }: Brush): void {
  if (!(brushSize > 0 && brushSize <= 100)) {
    throw invalidOption(
      'brush-size',
      brushSize,
      'a number above 0, up to 100: hundredths of the board',
    );
  }
  for (const [name, value] of Object.entries({ colour, ground })) {
    if (value && !CSS.supports('color', value)) {
      throw invalidOption(name, value, 'a colour as CSS names it, such as "red" or "#d03030"');
    }
  }
}
