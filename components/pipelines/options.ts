import { invalidOption } from '../errors.js';
import type { Tensor } from '../kernels/arena.js';
import { schedulerByName, type NamedScheduler } from '../schedulers/create-scheduler.js';
import { DEFAULT_JUMP_LENGTH, DEFAULT_RESAMPLINGS } from '../pictures/cost.js';
import { checkExpansion, type Expansion } from '../pictures/expand.js';
import type { Picture } from '../pictures/picture.js';
import { checkInterpolation, isBetweenPictures, type Interpolation } from './interpolation.js';
import { readLabels, type ClassShare, type Label } from './labels.js';

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
}

export const previewKinds = ['sample', 'x0', 'noise'] as const;
export type PreviewKind = (typeof previewKinds)[number];

export interface GenerateOptions {
  /** One class for all pictures, or one for each; none draws from all classes. */
  label?: Label | readonly Label[];
  /** Classifier-free guidance: 1 is none, higher follows the label more closely. 0 to 30. */
  guidanceScale?: number;
  /** The share of the contrast added by guidance to take back (Lin et al. 2024), 0 to 1; 0 by default. */
  guidanceRescale?: number;
  /**
   * Classifier guidance (Dhariwal and Nichol 2021), for models that come with a classifier: how far the gradient of its
   * answer moves each step towards the label. 0 to 100; 0, by default, is none.
   */
  classifierScale?: number;
  /**
   * A picture of the model's size to start from instead of noise alone (SDEdit, Meng et al. 2021), or one for
   * each.
   */
  image?: Picture | readonly Picture[];
  /**
   * With `image`: the share of the steps to take, 0 to 1. 1 starts from noise alone; 0.8 by default, with a
   * mask 1.
   */
  strength?: number;
  /** With `image`: white where it is to be drawn anew, black or transparent where it is kept to the byte. */
  mask?: Picture;
  /** With `image`, and without `mask`: draws beyond its frame, which is the model's, by sliding windows. */
  expand?: Expansion;
  /** With `mask` or `expand`: how often each stretch of steps is walked, 1 to 100; more fits better (RePaint). 2 by default. */
  resamplings?: number;
  /** With `mask` or `expand`: the steps of such a stretch, 1 or more; 5 by default. */
  jumpLength?: number;
  /** A scheduler's name, such as `ddim` or `dpm++`, or a class name of diffusers. */
  scheduler?: string;
  /** Inference steps, 1 to the number of training steps. */
  steps?: number;
  /** 0 to 1; for DDIM (0 by default) and TCD (0.3). */
  eta?: number;
  /** A whole number from 0 to 2^64 - 1; by default a random one below 2^32. */
  seed?: number | bigint;
  /** Pictures to make at once, 1 to 64. */
  count?: number;
  /** Draws the pictures between several: between two or four seeds, or two pictures. */
  interpolation?: Interpolation;
  /** The noise to start from, [count, channels, height, width], instead of the seed's. */
  initialNoise?: Tensor;
  /** Called after each step; where it returns a promise, the next step waits for it. */
  onStep?: (info: StepInfo) => unknown;
  signal?: AbortSignal;
}

/** The options of a run with every default filled in and every value checked. */
export interface Run {
  /** The classes of each picture; undefined for a run without classes. */
  readonly classes: readonly (readonly ClassShare[])[] | undefined;
  readonly guidanceScale: number;
  readonly guidanceRescale: number;
  readonly classifierScale: number;
  readonly interpolation: Interpolation | undefined;
  /** The pictures to start from, one for each; undefined for a run from noise. */
  readonly pictures: readonly Picture[] | undefined;
  readonly strength: number;
  readonly mask: Picture | undefined;
  readonly expansion: Expansion | undefined;
  readonly resamplings: number;
  readonly jumpLength: number;
  /** The keys that the scheduler's name sets over the model's own configuration. */
  readonly scheduler: NamedScheduler;
  readonly steps: number;
  readonly eta: number | undefined;
  readonly seed: number | bigint;
  readonly count: number;
}

/** What a model says about its options. */
export interface ModelTraits {
  /** Of a picture, in pixels. */
  readonly width: number;
  readonly height: number;
  /** 1 (grey) or 3. */
  readonly channels: number;
  readonly labels: readonly string[];
  /** Whether a classifier of noised pictures comes with it. */
  readonly hasClassifier: boolean;
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

/** The scheduler of this name, where it can draw with the model. */
function chooseScheduler(name: string, model: ModelTraits, keeps: boolean): NamedScheduler {
  const chosen = schedulerByName(name);
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

function randomSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]!;
}

function checkSeed(seed: number | bigint): number | bigint {
  const valid =
    typeof seed === 'bigint'
      ? seed >= 0n && seed < 1n << 64n
      : Number.isInteger(seed) && seed >= 0 && seed < 2 ** 64;
  if (!valid) throw invalidOption('seed', seed, 'a whole number from 0 to 2^64 - 1');
  return seed;
}

function repeat(image: GenerateOptions['image'], count: number): Picture[] | undefined {
  if (!image) return undefined;
  const list = Array.isArray(image) ? (image as readonly Picture[]) : undefined;
  if (list && list.length !== count) {
    throw invalidOption(
      'image',
      `a list of ${list.length}`,
      `one picture, or one for each of ${count}`,
    );
  }
  return list ? [...list] : Array<Picture>(count).fill(image as Picture);
}

/** Fills in defaults and checks every value; throws `invalid-option` with the option's name. */
export function resolveOptions(options: GenerateOptions, model: ModelTraits): Run {
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
  const listed = Array.isArray(label) ? label.length : undefined;
  const inverts = interpolation !== undefined && isBetweenPictures(interpolation.between);
  const wanted = options.count ?? interpolation?.at.length ?? listed ?? 1;
  const count = checkWhole('count', wanted, 1, MAX_COUNT);
  const classes = readLabels(label, count, model.labels);
  return {
    classes,
    interpolation,
    classifierScale: checkClassifierScale(options.classifierScale ?? 0, classes, model),
    guidanceScale: checkRange(
      'guidanceScale (on elements guidance-scale)',
      options.guidanceScale ?? (inverts ? 1 : model.defaultGuidanceScale),
      0,
      30,
    ),
    guidanceRescale: checkRange('guidanceRescale', options.guidanceRescale ?? 0, 0, 1),
    pictures: repeat(options.image, count),
    strength: checkRange('strength', options.strength ?? (mask ? 1 : DEFAULT_STRENGTH), 0, 1),
    mask,
    expansion,
    resamplings: checkWhole('resamplings', options.resamplings ?? DEFAULT_RESAMPLINGS, 1, 100),
    jumpLength: checkWhole(
      'jumpLength (on elements jump-length)',
      options.jumpLength ?? DEFAULT_JUMP_LENGTH,
      1,
      model.trainSteps,
    ),
    scheduler: chooseScheduler(
      options.scheduler ?? (interpolation ? 'ddim' : model.defaultScheduler),
      model,
      mask !== undefined || expansion !== undefined,
    ),
    steps: checkWhole(
      'steps',
      options.steps ?? (inverts ? DEFAULT_INVERSION_STEPS : model.defaultSteps),
      1,
      model.trainSteps,
    ),
    eta: options.eta === undefined ? undefined : checkRange('eta', options.eta, 0, 1),
    seed: checkSeed(options.seed ?? randomSeed()),
    count,
  };
}
