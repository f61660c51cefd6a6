import { invalidOption } from '../errors.js';
import type { Tensor } from '../kernels/arena.js';
import { schedulerByName, type NamedScheduler } from '../schedulers/create-scheduler.js';
import { DEFAULT_JUMP_LENGTH, DEFAULT_RESAMPLINGS } from '../pictures/cost.js';
import { checkExpansion, type Expansion } from '../pictures/expand.js';
import type { Picture } from '../pictures/picture.js';
import type { SchedulerConfigJson } from '../schedulers/scheduler-config.js';
import type { PromptAttention } from './attention.js';
import { checkInterpolation, isBetweenPictures, type Interpolation } from './interpolation.js';
import { batchSize, type BatchSize, type OneOrEach } from './batch.js';
import { readLabels, type ClassShare, type Label } from './labels.js';
import { optionNotices } from './notices.js';
import { readPrompts, type PromptOptions, type Prompts } from './prompt-options.js';
import { readSeeds, type Seed, type Seeds } from '../pictures/seeds.js';
import { readSize } from './size.js';

/** What a run reports after each step. */
export interface StepInfo {
  /** 1 after the first step, `steps` after the last. */
  readonly step: number;
  readonly steps: number;
  readonly timestep: number;
  /**
   * The pictures as they are now (`sample`), as the model expects them to end (`x0`), or the noise that it saw in them
   * before this step (`noise`, at half its contrast). Only until the callback is done: then the memory holds the next step.
   */
  preview(kind?: PreviewKind): Picture[];
  /** What the words of each picture's prompt drew so far, with the option `attention`; empty without it. */
  attention(): PromptAttention[];
  /** A copy of x after this step, [count, channels, height, width], in pixels or latents. */
  latents(): Tensor;
}

export const previewKinds = ['sample', 'x0', 'noise'] as const;
export type PreviewKind = (typeof previewKinds)[number];

export interface GenerateOptions extends PromptOptions {
  /** One class for all pictures, or one for each; none draws from all classes. */
  label?: OneOrEach<Label>;
  /** Of the pictures in pixels, where the model can draw several sizes. */
  width?: number;
  height?: number;
  /** Classifier-free guidance: 1 is none, higher follows the label or prompt more closely. 0 to 30. */
  guidanceScale?: number;
  /** The share of the contrast added by guidance to take back (Lin et al. 2024), 0 to 1; 0 by default. */
  guidanceRescale?: number;
  /**
   * Classifier guidance (Dhariwal and Nichol 2021), for models that come with a classifier: how far the gradient of its
   * answer moves each step towards the label. 0 to 100; 0, by default, is none.
   */
  classifierScale?: number;
  /**
   * A picture of the size to be drawn to start from instead of noise alone (SDEdit, Meng et al. 2021), or one for
   * each.
   */
  image?: Picture | readonly Picture[];
  /**
   * With `image`: the share of the steps to take, 0 to 1. 1 starts from noise alone; 0.8 by default, with a
   * mask 1.
   */
  strength?: number;
  /** With `image`: white where it is to be drawn anew, black or transparent where it is kept. */
  mask?: Picture;
  /**
   * With `mask`, for models in latents: puts the kept part of the picture back where decoding changed it, to the byte. As the
   * model says by default, else false, as in diffusers; models in pixels change nothing there.
   */
  overlay?: boolean;
  /** With `image`, and without `mask`: draws beyond its frame, which is the model's, by sliding windows. */
  expand?: Expansion;
  /**
   * With `mask` or `expand`: how often each stretch of steps is walked, 1 to 100; more fits better (RePaint). 2 by default for
   * models in pixels; without it, latent models fill masks as diffusers' inpainting pipelines do.
   */
  resamplings?: number;
  /** With `mask` or `expand`: the steps of such a stretch, 1 or more; 5 by default. */
  jumpLength?: number;
  /**
   * A scheduler's name, such as `ddim` or `dpm++`, or a class name of diffusers, with the model's configuration; or the object
   * of a `scheduler_config.json`, which stands for itself.
   */
  scheduler?: string | SchedulerConfigJson;
  /** Inference steps, 1 to the number of training steps. */
  steps?: number;
  /** 0 to 1; for DDIM (0 by default) and TCD (0.3). */
  eta?: number;
  /**
   * A whole number from 0 to 2^64 - 1; by default a random one below 2^32. Text for a place between two seeds, `1,2@0.5`, or among
   * four, `1,2,3,4@0.25,0.75`: all of the run's noise lies on the arcs between theirs. A list has a number for each picture,
   * which is then drawn as if alone.
   */
  seed?: OneOrEach<Seed>;
  /** Pictures to make at once, 1 to 64; where there are lists of prompts or labels, of each of them. */
  count?: number;
  /** Draws the pictures between several: between two or four seeds, or two pictures. */
  interpolation?: Interpolation;
  /** Tells what each word of the prompts drew, with models that give their cross-attention. */
  attention?: boolean;
  /** The noise to start from, [pictures, channels, height, width] in pixels or latents, instead of the seed's. */
  initialNoise?: Tensor;
  /** Called after each step; where it returns a promise, the next step waits for it. */
  onStep?: (info: StepInfo) => unknown;
  signal?: AbortSignal;
}

/** The options of a run with every default filled in and every value checked. */
export interface Run {
  /** The classes of each picture; undefined for a run without classes. */
  readonly classes: readonly (readonly ClassShare[])[] | undefined;
  /** The prompts of each picture; undefined for a model that reads none. */
  readonly prompts: Prompts | undefined;
  readonly width: number;
  readonly height: number;
  readonly guidanceScale: number;
  readonly guidanceRescale: number;
  readonly classifierScale: number;
  readonly interpolation: Interpolation | undefined;
  /** The pictures to start from, one for all or one for each; undefined for a run from noise. */
  readonly pictures: readonly Picture[] | undefined;
  readonly strength: number;
  readonly mask: Picture | undefined;
  /** Whether what the mask keeps is put over the decoded pictures. */
  readonly isOverlaid: boolean;
  readonly expansion: Expansion | undefined;
  readonly resamplings: number;
  /** Whether a mask is filled as diffusers' inpainting pipelines do, and not by RePaint's method. */
  readonly blendsLatents: boolean;
  readonly jumpLength: number;
  /** The keys that the scheduler's name sets over the model's own configuration, or a whole configuration. */
  readonly scheduler: NamedScheduler;
  readonly isWholeScheduler: boolean;
  readonly steps: number;
  readonly eta: number | undefined;
  readonly seeds: Seeds;
  readonly count: number;
  readonly wantsAttention: boolean;
  /** What was asked for and can't be done, but does no harm: a sentence each. */
  readonly notices: readonly string[];
}

/** What a model says about its options. */
export interface ModelTraits {
  /** Of a picture, in pixels. */
  readonly width: number;
  readonly height: number;
  /** 1 (grey) or 3. */
  readonly channels: number;
  /** What width and height must be multiples of; 0 where the model draws one size only. */
  readonly sizeMultiple: number;
  readonly labels: readonly string[];
  /** Whether it draws what a prompt says. */
  readonly takesPrompt: boolean;
  /** The scale above which there is guidance at all; undefined where only 1 is none. */
  readonly needsGuidanceAbove: number | undefined;
  /** Whether the network is told the guidance scale, and needs no second run for it. */
  readonly embedsGuidance: boolean;
  /** Prompts to begin with, and styles that can be named at a prompt's end. */
  readonly promptSuggestions: readonly string[];
  readonly promptStyles: readonly string[];
  /** Whether it tells what each word of a prompt drew. */
  readonly givesAttention: boolean;
  /** Whether the kept part of a masked picture is put over what was decoded, where nobody says otherwise. */
  readonly overlaysMasks: boolean;
  /** Whether a classifier of noised pictures comes with it. */
  readonly hasClassifier: boolean;
  /** Of distilled models: the most steps that they were made for, and the schedulers that fit them, by their short names. */
  readonly fewSteps: { readonly most: number; readonly schedulers: readonly string[] } | undefined;
  readonly trainSteps: number;
  readonly defaultScheduler: string;
  readonly defaultSteps: number;
  readonly defaultGuidanceScale: number;
}

const MAX_COUNT = 64;
const DEFAULT_STRENGTH = 0.8;
/** Of DDIM, there and back. */
const DEFAULT_INVERSION_STEPS = 50;

function checkRange(name: string, value: number, low: number, high: number): number {
  if (typeof value !== 'number' || !(value >= low && value <= high)) {
    throw invalidOption(name, value, `a number from ${low} to ${high}`);
  }
  return value;
}

function checkWhole(name: string, value: number, low: number, high: number): number {
  if (!Number.isInteger(value) || value < low || value > high) {
    throw invalidOption(name, value, `a whole number from ${low} to ${high}`);
  }
  return value;
}

/** The scheduler of this name or configuration, where it can draw with the model. */
function chooseScheduler(
  wanted: string | SchedulerConfigJson,
  model: ModelTraits,
  keeps: boolean,
): NamedScheduler {
  const name = typeof wanted === 'string' ? wanted : String(Object(wanted)['_class_name']);
  const chosen = { ...(typeof wanted === 'object' && wanted), ...schedulerByName(name) };
  const flow = (className: string) => className.startsWith('FlowMatch');
  if (chosen._class_name === 'DDIMInverseScheduler') {
    throw invalidOption('scheduler', name, 'one that leads from noise to a picture');
  }
  if (chosen._class_name === 'RePaintScheduler' && !keeps) {
    throw invalidOption('scheduler', name, 'another one without an image and its mask');
  }
  if (flow(chosen._class_name) !== flow(schedulerByName(model.defaultScheduler)._class_name)) {
    throw invalidOption('scheduler', name, `of the model's kind, as ${model.defaultScheduler} is`);
  }
  const fitting = model.fewSteps?.schedulers;
  if (fitting?.every((each) => schedulerByName(each)._class_name !== chosen._class_name)) {
    const list = fitting.join(', ');
    throw invalidOption('scheduler', name, `one that fits this distilled model: ${list}`);
  }
  return chosen;
}

function checkClassifierScale(scale: number, classes: Run['classes'], model: ModelTraits): number {
  const name = 'classifierScale (on elements classifier-scale)';
  if (checkRange(name, scale, 0, 100) === 0) return 0;
  if (!model.hasClassifier) throw invalidOption(name, scale, '0: this model has no classifier');
  if (!classes?.every((shares) => shares.length === 1)) {
    throw invalidOption(
      'label',
      undefined,
      'one class for each picture, to be guided by a classifier',
    );
  }
  return scale;
}

function checkFlag(name: string, value: boolean): boolean {
  if (typeof value !== 'boolean') throw invalidOption(name, value, 'true or false');
  return value;
}

function readPictures(
  image: GenerateOptions['image'],
  { total }: BatchSize,
): readonly Picture[] | undefined {
  if (!image) return undefined;
  const list = Array.isArray(image) ? (image as readonly Picture[]) : [image as Picture];
  if (list.length === total || (list.length === 1 && !Array.isArray(image))) return list;
  throw invalidOption(
    'image',
    `a list of ${list.length}`,
    `one picture, or one for each of ${total}`,
  );
}

/** Fills in defaults and checks every value; throws `invalid-option` with the option's name. */
export function resolveOptions(options: GenerateOptions, model: ModelTraits): Run {
  if (typeof options !== 'object' || options === null) {
    throw invalidOption('options', options, 'an object, such as { prompt, steps }');
  }
  const { onStep } = options;
  if (onStep !== undefined && typeof onStep !== 'function') {
    throw invalidOption('onStep', onStep, 'a function');
  }
  const { label, mask } = options;
  const expansion = options.expand && checkExpansion(options.expand);
  if ((mask || expansion) && !options.image) {
    throw invalidOption('image', undefined, 'given where there is a mask, or an expand');
  }
  if (mask && expansion)
    throw invalidOption('mask', 'a picture', 'left out where there is an expand');
  const interpolation =
    options.interpolation === undefined || options.interpolation === null
      ? undefined
      : checkInterpolation(options.interpolation, options, MAX_COUNT);
  const inverts = interpolation !== undefined && isBetweenPictures(interpolation.between);
  const { prompt, negativePrompt, prompt2, negativePrompt2 } = options;
  const lists = { prompt, negativePrompt, prompt2, negativePrompt2, label };
  if (options.count !== undefined) checkWhole('count', options.count, 1, MAX_COUNT);
  const places = interpolation?.at.length;
  const size = places
    ? { batch: places, each: 1, total: places }
    : batchSize(lists, options.seed, options.count);
  const count = checkWhole('count', size.total, 1, MAX_COUNT);
  const classes = readLabels(label, size, model.labels);
  const guidanceScale = checkRange(
    'guidanceScale (on elements guidance-scale)',
    options.guidanceScale ?? (inverts ? 1 : model.defaultGuidanceScale),
    0,
    30,
  );
  const isGuided = !model.embedsGuidance && guidanceScale > (model.needsGuidanceAbove ?? 0);
  const { prompts, notices } = readPrompts(options, size, model, isGuided);
  const wantsAttention = checkFlag('attention', options.attention ?? false);
  const steps = checkWhole(
    'steps',
    options.steps ?? (inverts ? DEFAULT_INVERSION_STEPS : model.defaultSteps),
    1,
    model.trainSteps,
  );
  const pictures = readPictures(options.image, size);
  const usual = interpolation && !model.fewSteps ? 'ddim' : model.defaultScheduler;
  const wantedScheduler = options.scheduler ?? usual;
  const keeps = mask !== undefined || expansion !== undefined;
  const scheduler = chooseScheduler(wantedScheduler, model, keeps);
  return {
    classes,
    prompts,
    ...readSize(options, model, mask || !expansion ? pictures : undefined),
    interpolation,
    classifierScale: checkClassifierScale(options.classifierScale ?? 0, classes, model),
    guidanceScale,
    guidanceRescale: checkRange('guidanceRescale', options.guidanceRescale ?? 0, 0, 1),
    pictures,
    strength: checkRange('strength', options.strength ?? (mask ? 1 : DEFAULT_STRENGTH), 0, 1),
    mask,
    isOverlaid: checkFlag('overlay', options.overlay ?? model.overlaysMasks) && mask !== undefined,
    expansion,
    resamplings: checkWhole('resamplings', options.resamplings ?? DEFAULT_RESAMPLINGS, 1, 100),
    jumpLength: checkWhole(
      'jumpLength (on elements jump-length)',
      options.jumpLength ?? DEFAULT_JUMP_LENGTH,
      1,
      model.trainSteps,
    ),
    blendsLatents: model.sizeMultiple > 0 && options.resamplings === undefined,
    scheduler,
    isWholeScheduler: typeof wantedScheduler === 'object',
    steps,
    eta: options.eta === undefined ? undefined : checkRange('eta', options.eta, 0, 1),
    seeds: readSeeds(options.seed),
    count,
    wantsAttention: wantsAttention && model.givesAttention,
    notices: [...notices, ...optionNotices(options, model, scheduler)],
  };
}
