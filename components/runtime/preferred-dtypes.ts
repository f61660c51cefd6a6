import type { Dtype } from './dtypes.js';
import type { Backend } from './session.js';

// The numeric types that run well on each backend, best first.
const preferred: Record<Backend, readonly Dtype[]> = {
  wasm: ['int8', 'q8', 'fp32', 'fp16', 'q4', 'q4f16'],
  webgpu: ['fp16', 'q8', 'fp32', 'q4f16', 'q4'],
  native: ['int8', 'q8', 'fp32', 'fp16', 'q4', 'q4f16'],
};

/** Those that a graphics device must know 16-bit numbers for. */
export const halves: readonly Dtype[] = ['fp16', 'q4f16'];

export interface WantedDtype {
  readonly dtype?: Dtype;
  /** Whether other types will do where the part is not there in `dtype`. */
  readonly anyDtype?: boolean;
}

/**
 * The numeric types in which a network's weights are looked for on a backend, best first.
 *
 * @param hasHalves whether its device knows 16-bit numbers
 * @param shared the type that other backends run, too
 */
export function wantedDtypes(
  backend: Backend,
  hasHalves: boolean,
  { dtype, anyDtype = false }: WantedDtype,
  shared?: Dtype,
): readonly Dtype[] {
  const best = preferred[backend].filter(
    (each) => backend !== 'webgpu' || hasHalves || !halves.includes(each),
  );
  const first = (one: Dtype | undefined, list: readonly Dtype[]) =>
    one ? [one, ...list.filter((each) => each !== one)] : list;
  const usual = first(shared, best);
  if (!dtype) return usual;
  return anyDtype ? first(dtype, usual) : [dtype];
}
