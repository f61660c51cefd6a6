import { DiffusionError, type DiffusionErrorCode } from '../errors.js';
import type { PromptAttention } from '../pipelines/attention.js';
import type { GenerateOptions, ModelTraits, PreviewKind } from '../pipelines/options.js';
import type { GenerateResult } from '../pipelines/result.js';
import type { Picture } from '../pictures/picture.js';
import type { LoadProgress } from '../runtime/progress.js';
import type { Settings } from '../runtime/settings.js';
import type {
  IterationDetail,
  IterationSettings,
  PointSampler,
  PointTraining,
} from '../training/training-options.js';

/** Which model, and how to run it. */
export interface ModelRequest {
  /** A bundled model's name, or the absolute URL of a model's folder. */
  readonly model: string;
  readonly backend?: string;
  readonly dtype?: string;
  readonly memory?: string;
}

export type { PreviewKind, PromptAttention };

/** What can be sent to the worker: options without functions. */
export type PlainOptions = Omit<GenerateOptions, 'onStep' | 'signal'>;

export interface GenerateRequest extends ModelRequest {
  readonly options: PlainOptions;
  /** Which pictures the steps report, if any; `auto` the noisy ones, of distilled models the predicted ones. */
  readonly previews: readonly PreviewKind[] | 'auto';
  /** Steps that the run may make before it waits to be told its pace; all by default. */
  readonly allowed?: number;
}

/** The pictures of a step, by what they show. */
export type StepPictures = Partial<Record<PreviewKind, readonly Picture[]>>;

/** What a model says of itself before its weights are there. */
export type ModelDescription = ModelTraits;

export interface StepReport {
  readonly step: number;
  readonly steps: number;
  readonly timestep: number;
  readonly previews: StepPictures;
  /** With the option `attention`: what the words of each picture's prompt drew so far. */
  readonly attention?: readonly PromptAttention[];
}

/** What the host answers to `generate`. */
export interface HostResult extends GenerateResult {
  /** What was used where nothing, or less, was said. */
  readonly resolved: {
    readonly steps: number;
    readonly scheduler: string;
    readonly guidanceScale: number;
  };
  readonly backendReason: string;
}

export interface RunResult extends HostResult {
  readonly thread: Thread;
}

/** A denoiser of points to be trained, and what its reports should hold. */
export interface TrainRequest extends PointTraining, IterationSettings {
  /** Points of a batch to tell about. */
  readonly shown: number;
  /** The field's timestep, its points in a row, and how far it reaches from the centre. */
  readonly timestep: number;
  readonly side: number;
  readonly extent: number;
  /** Samples to draw. */
  readonly samples: number;
}

/** What a training should do from now on. */
export interface TrainChange extends Partial<IterationSettings> {
  /** Iterations from now on: 0 pauses, `Infinity` plays. */
  readonly iterations?: number;
  readonly timestep?: number;
  /** Samples to be drawn once, with their paths. */
  readonly sample?: SampleRequest;
}

export interface SampleRequest {
  readonly sampler: PointSampler;
  readonly steps: number;
  readonly seed: number;
}

export interface TrainReport {
  readonly iteration: number;
  /** Of each iteration since the last report. */
  readonly losses: Float32Array;
  /** Of the last iteration; undefined before the first. */
  readonly detail: IterationDetail | undefined;
  /** As `PointDenoiser.field` gives it. */
  readonly field: Float32Array;
  /** Where points drawn by the network as it is come to lie: x and y of each. */
  readonly samples: Float32Array;
  /** The samples asked for, as `PointDenoiser.sample` gives them. */
  readonly path: (SampleRequest & { readonly points: Float32Array }) | undefined;
}

interface PlainError {
  readonly name: string;
  readonly message: string;
  readonly code?: DiffusionErrorCode;
}

/** Where the host runs: in a worker, or on the page's own thread where no worker starts. */
export type Thread = 'worker' | 'page';

/**
 * `settings` comes first. Requests, each with a number of its own; `abort` names the request that it ends, `pace` the
 * run that may make so many steps more, `steer` the training that it changes.
 */
export type ToHost =
  | { readonly type: 'settings'; readonly settings: Settings }
  | { readonly type: 'describe'; readonly id: number; readonly request: ModelRequest }
  | { readonly type: 'load'; readonly id: number; readonly request: ModelRequest }
  | { readonly type: 'generate'; readonly id: number; readonly request: GenerateRequest }
  | { readonly type: 'pace'; readonly id: number; readonly steps: number }
  | { readonly type: 'train'; readonly id: number; readonly request: TrainRequest }
  | { readonly type: 'steer'; readonly id: number; readonly change: TrainChange }
  | { readonly type: 'abort'; readonly id: number };

/**
 * Answers: any number of `progress`, `step` and `trained`, then one of the others. `ready` comes once, first, with the name of a lock
 * that the worker holds as long as it lives, where the browser has locks; `device` when work on a graphics device begins
 * and when it has ended.
 */
export type FromHost =
  | { readonly type: 'ready'; readonly lock: string | undefined }
  | { readonly type: 'device'; readonly busy: boolean }
  | { readonly type: 'progress'; readonly id: number; readonly progress: LoadProgress }
  | { readonly type: 'step'; readonly id: number; readonly report: StepReport }
  | { readonly type: 'trained'; readonly id: number; readonly report: TrainReport }
  | { readonly type: 'described'; readonly id: number; readonly value: ModelDescription }
  | { readonly type: 'loaded'; readonly id: number; readonly value: undefined }
  | { readonly type: 'result'; readonly id: number; readonly value: HostResult }
  | { readonly type: 'error'; readonly id: number; readonly error: PlainError };

/** An error as it crosses to the page: structured cloning keeps neither class nor code. */
export function packError(error: unknown): PlainError {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return error instanceof DiffusionError ? { name, message, code: error.code } : { name, message };
}

export function unpackError({ name, message, code }: PlainError): Error {
  if (code) return new DiffusionError(code, message);
  if (name === 'AbortError') return new DOMException(message, 'AbortError');
  return Object.assign(new Error(message), { name });
}

export function transferables(pictures: readonly Picture[] = []): ArrayBuffer[] {
  return pictures.map(({ data }) => data.buffer);
}
