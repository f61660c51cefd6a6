import golden from '../golden/schedulers.json' with { type: 'json' };
import type { SchedulerConfigJson, Tensor } from '../../components/schedulers/index.js';

/** One trajectory of diffusers; the fields are explained in test/golden/README.md. */
export interface GoldenCase {
  readonly name: string;
  readonly class: string;
  readonly config: SchedulerConfigJson;
  readonly num_inference_steps: number;
  readonly set_timesteps?: { readonly timesteps?: number[]; readonly mu?: number };
  readonly step_kwargs?: { readonly eta?: number };
  readonly learned?: 'learned' | 'learned_range';
  readonly timesteps: number[];
  readonly init_noise_sigma: number;
  readonly draws?: number | number[];
  /** Every kept step, 48 values each, one after the other. */
  readonly steps: string;
  readonly step_index?: number[];
  readonly pred_original_sample?: string;
  readonly pred_original_index?: number[];
  readonly tol: number;
}

/** One trajectory of RePaint: at each timestep a step, or the way back up from the one before. */
export interface RePaintCase {
  readonly name: string;
  readonly class: string;
  readonly config: SchedulerConfigJson;
  readonly num_inference_steps: number;
  readonly jump_length: number;
  readonly jump_n_sample: number;
  readonly timesteps: number[];
  readonly kinds: string;
  readonly steps: string;
  readonly last_pred_original_sample: string;
}

export const dims = [1, 3, 4, 4];

export function decode(base64: string): Float32Array {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return new Float32Array(bytes.buffer);
}

export function tensor(data: Float32Array): Tensor {
  return { data, dims };
}

export const sample0 = decode(golden.sample0);
export const cases = golden.cases as unknown as GoldenCase[];
export const randnCases = golden.torch_randn;

export const repaintCases = golden.repaint as unknown as RePaintCase[];
export const repaintTimesteps = golden.repaint_timesteps;
export const { repaint_original: repaintOriginal, repaint_mask: repaintMask } = golden;
export const addNoiseCases = golden.add_noise;

/** The whole configuration of a case. */
export function configOf(golden_: Pick<GoldenCase, 'class' | 'config'>): SchedulerConfigJson {
  const defaults = golden.class_defaults as Record<string, object>;
  return { _class_name: golden_.class, ...defaults[golden_.class], ...golden_.config };
}

/** The golden file's own stream of Gaussian-like noise, restarted for every case. */
export function noiseStream(): () => Tensor {
  let state = 12345;
  const uniform = () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const normal = () => (uniform() + uniform() + uniform() + uniform() - 2) * Math.sqrt(3);
  return () => tensor(Float32Array.from({ length: sample0.length }, normal));
}

/** The golden file's model: x t / (t + 1), with the case's variance channels behind it. */
export function model(input: Tensor, timestep: number, learned?: string): Tensor {
  const t = Math.fround(timestep);
  const output = input.data.map((x) => Math.fround(x * t) / Math.fround(t + 1));
  if (!learned) return { data: output, dims };
  const variance = decode(
    learned === 'learned' ? golden.learned_channels : golden.learned_range_channels,
  );
  return { data: Float32Array.from([...output, ...variance]), dims: [1, 6, 4, 4] };
}

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = a.length === b.length ? 0 : Infinity;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    largest = difference <= largest ? largest : Number.isNaN(difference) ? Infinity : difference;
  }
  return largest;
}
