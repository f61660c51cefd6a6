import { abortable, invalidOption } from '../errors.js';
import { copyOf, type ArenaTensor } from '../kernels/arena.js';
import { checkSize } from '../networks/denoiser.js';
import type { Dtype } from '../runtime/dtypes.js';
import type { Backend, Feed, Session } from '../runtime/session.js';
import type { Scheduler } from '../schedulers/scheduler.js';
import { AttentionMaps, type PromptAttention } from './attention.js';
import { ClassifierGuidance } from './classifier-guidance.js';
import type { Components } from './components.js';
import type { Conditioning } from './conditioning.js';
import type { DenoiseStep } from './denoise.js';
import { GuidedDenoiser } from './guided-denoiser.js';
import type { LatentPreview } from './latent-preview.js';
import type { ModelPlan } from './model-plan.js';
import { NoiseSource } from './noise-source.js';
import {
  previewKinds,
  type GenerateOptions,
  type PreviewKind,
  type Run,
  type StepInfo,
} from './options.js';
import { toPictures } from './pictures.js';
import type { PromptWord } from './prompt-words.js';
import { noiseBetween, schedulerFor } from './prepare.js';
import { start, type Start } from './start.js';
import { planSteps, walk } from './walk.js';

export interface WalkRun {
  readonly plan: ModelPlan;
  readonly components: Components;
  /** The denoiser's. */
  readonly session: Session;
  readonly run: Run;
  readonly options: GenerateOptions;
  readonly conditioning: Conditioning;
  /** How latents are shown; undefined for a model in pixels. */
  readonly preview: LatentPreview | undefined;
  /** The words of each picture's prompt, where it is asked what they drew. */
  readonly words: readonly (readonly PromptWord[])[] | undefined;
}

/** What came of a walk. */
export interface Walked {
  /** x_0, in pixels or latents; the caller's. */
  readonly latents: ArenaTensor;
  /** Of each picture, where it was asked for. */
  readonly attention: readonly PromptAttention[] | undefined;
  /** Milliseconds spent in the caller's callbacks. */
  readonly waited: number;
  readonly backend: Backend;
  readonly dtype: Dtype;
  readonly timings: { readonly unet: number; readonly steps: number };
}

/** The most rows of a run that the backends are compared with. */
const MEASURED_ROWS = 8;

/** From noise, or from a picture, to x_0. */
export async function walkRun(given: WalkRun): Promise<Walked> {
  const { plan, components, session, options } = given;
  const { signal } = options;
  const scheduler = await schedulerFor(plan, given.run);
  const noise = new NoiseSource(given.run.seeds, given.run.count);
  let begun: Start | undefined;
  try {
    const run = planSteps(scheduler, given.run, plan);
    const factor = plan.autoencoder?.factor ?? 1;
    const dims = [run.count, plan.denoiser.shape[0], run.height / factor, run.width / factor];
    checkSize(session, plan.denoiser.part, dims, factor);
    const { interpolation } = run;
    const initialNoise = interpolation
      ? await noiseBetween(plan, { ...run, interpolation }, dims, session, signal)
      : options.initialNoise;
    const wanted = { plan, components, run, scheduler, noise, initialNoise, signal };
    begun = await start(dims, wanted);
    const rest = { ...given, run, scheduler, noise, begun, dims };
    if (run.classifierScale === 0) return await take(rest, undefined);
    const classes = run.classes!.map(([share]) => share!.index);
    return await components.use('classifier', signal, (classifier) => {
      const scale = run.classifierScale;
      return take(rest, new ClassifierGuidance({ session: classifier, scale, classes, scheduler }));
    });
  } finally {
    begun?.release();
    noise.release();
    scheduler.release();
  }
}

interface Steps extends WalkRun {
  readonly scheduler: Scheduler;
  readonly noise: NoiseSource;
  readonly begun: Start;
  readonly dims: readonly number[];
}

/** Takes the steps, and reports each. */
async function take(
  { plan, components, session, run, options, conditioning, preview, words, ...prepared }: Steps,
  classifier: ClassifierGuidance | undefined,
): Promise<Walked> {
  const { scheduler, noise, begun, dims } = prepared;
  const { signal, onStep } = options;
  const { guidanceScale, guidanceRescale } = run;
  const attention = words && new AttentionMaps(words);
  const guidance = { guidanceScale, guidanceRescale, classifier, attention };
  const { around } = begun;
  const denoiser = new GuidedDenoiser(session, plan.denoiser, dims, conditioning, guidance, around);
  let waited = 0;
  try {
    const steps = walk({ run, denoiser, scheduler, start: begun, generator: noise, signal });
    for await (const state of steps) {
      if (!onStep) continue;
      const since = performance.now();
      await abortable(Promise.resolve(onStep(stepInfo(state, preview, attention))), signal);
      waited += performance.now() - since;
    }
    void components.denoiser?.compare(() => copyFeeds(denoiser.feeds));
    return {
      latents: copyOf(begun.sample),
      attention: attention?.read(),
      waited,
      backend: session.backend,
      dtype: session.dtype,
      timings: { unet: denoiser.milliseconds, steps: denoiser.runs },
    };
  } finally {
    denoiser.release();
    attention?.release();
  }
}

function stepInfo(
  { step, steps, timestep, ...state }: DenoiseStep,
  preview: LatentPreview | undefined,
  attention: AttentionMaps | undefined,
): StepInfo {
  const tensors: Record<PreviewKind, () => ArenaTensor> = {
    sample: () => state.sample,
    x0: () => state.predOriginalSample,
    noise: () => state.predNoise(),
  };
  return {
    step,
    steps,
    timestep,
    preview: (kind = 'sample') => {
      if (!Object.hasOwn(tensors, kind)) {
        throw invalidOption('preview', kind, `one of ${previewKinds.join(', ')}`);
      }
      const tensor = tensors[kind]();
      return preview ? preview.show(tensor) : toPictures(tensor);
    },
    attention: () => attention?.read() ?? [],
    latents: () => ({ data: state.sample.data.slice(), dims: state.sample.dims }),
  };
}

/** A run's inputs outlive its buffers only as copies; of the first few rows, for devices emulated in software. */
function copyFeeds(feeds: Readonly<Record<string, Feed>>): Record<string, Feed> {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, { data, dims }]) => {
      const [all, ...rest] = dims;
      if (all === undefined) return [name, { data: data.slice(), dims }];
      const rows = Math.min(all, MEASURED_ROWS);
      return [name, { data: data.slice(0, (rows * data.length) / all), dims: [rows, ...rest] }];
    }),
  );
}
