import { invalidOption } from '../errors.js';

/** Numeric types by transformers.js's names, and the file name's suffix that stands for each. */
export const dtypeSuffixes = {
  fp32: '',
  fp16: '_fp16',
  q8: '_quantized',
  int8: '_int8',
  q4: '_q4',
  q4f16: '_q4f16',
} as const;

export type Dtype = keyof typeof dtypeSuffixes;

export const dtypes = Object.keys(dtypeSuffixes) as readonly Dtype[];

export function checkDtype(dtype: string): Dtype {
  if (!Object.hasOwn(dtypeSuffixes, dtype)) {
    throw invalidOption('dtype', dtype, `one of ${dtypes.join(', ')}`);
  }
  return dtype as Dtype;
}

/** The file of a part's weights in a folder. */
export function weightsFile(part: string, dtype: Dtype): string {
  return `${part}/model${dtypeSuffixes[dtype]}.onnx`;
}
