import { sizeOf, type Tensor } from '../kernels/arena.js';
import type { Conditions } from '../networks/denoiser.js';
import { guidanceEmbedding } from './guidance-embedding.js';
import type { ModelPlan } from './model-plan.js';
import type { Run } from './options.js';
import type { EncodedPrompts } from './prompts.js';

/** A row of a batch: which picture it is of, and its weight there. */
export interface Share {
  readonly item: number;
  readonly weight: number;
}

/** What a run's rows are told. Where it is guided, a row without a condition for each picture comes first. */
export interface Conditioning {
  readonly isGuided: boolean;
  /** Of the rows with a condition, in the order of their pictures. */
  readonly shares: readonly Share[];
  readonly conditions: Conditions;
}

type ClassRun = Pick<Run, 'classes' | 'guidanceScale'>;

/** By classes; where none is asked for, by the class that stands for none. */
export function classConditioning(
  { denoiser, traits }: ModelPlan,
  { classes, guidanceScale }: ClassRun,
  count: number,
): Conditioning {
  const { unconditionalClass: none } = denoiser;
  if (none === undefined) return { isGuided: false, shares: onePerPicture(count), conditions: {} };
  const { needsGuidanceAbove: above } = traits;
  const isOn = above === undefined ? guidanceScale !== 1 : guidanceScale > above;
  const isGuided = classes !== undefined && isOn;
  const rows = (classes ?? Array<undefined>(count).fill(undefined)).flatMap((shares, item) =>
    (shares ?? [{ index: none, weight: 1 }]).map(({ index, weight }) => ({ item, index, weight })),
  );
  const unconditional = isGuided ? Array<number>(count).fill(none) : [];
  return {
    isGuided,
    shares: rows,
    conditions: { classes: [...unconditional, ...rows.map(({ index }) => index)] },
  };
}

/** By text. */
export function textConditioning(
  { denoiser, text }: ModelPlan,
  run: Run,
  { positive, negative }: EncodedPrompts,
): Conditioning {
  const { count, guidanceScale } = run;
  const isGuided = run.prompts!.isGuided;
  const rows = isGuided ? [...negative, ...positive] : positive;
  const { timeCondDim } = denoiser;
  return {
    isGuided,
    shares: onePerPicture(count),
    conditions: {
      hiddenStates: stack(rows.map(({ hiddenStates }) => hiddenStates)),
      ...(text?.isPooled && {
        textEmbeds: stack(rows.map(({ textEmbeds }) => textEmbeds!)),
        timeIds: stack(rows.map(() => timeIds(run))),
      }),
      ...(timeCondDim && {
        timestepCond: stack(rows.map(() => guidanceEmbedding(guidanceScale, timeCondDim))),
      }),
    },
  };
}

function onePerPicture(count: number): Share[] {
  return Array.from({ length: count }, (_, item) => ({ item, weight: 1 }));
}

/** "SDXL: Improving Latent Diffusion Models" (Podell et al. 2023), section 2.2. */
function timeIds({ prompts, width, height }: Run): Tensor {
  const { originalSize, cropsCoordsTopLeft, targetSize } = prompts!;
  const own = [height, width] as const;
  const ids = [...(originalSize ?? own), ...cropsCoordsTopLeft, ...(targetSize ?? own)];
  return { data: Float32Array.from(ids), dims: [ids.length] };
}

/** Rows of one shape as one tensor. */
function stack(rows: readonly Tensor[]): Tensor {
  const { dims } = rows[0]!;
  const length = sizeOf(dims);
  const data = new Float32Array(rows.length * length);
  rows.forEach((row, index) => data.set(row.data, index * length));
  return { data, dims: [rows.length, ...dims] };
}
