import type { ElementError } from '../errors.js';
import type { LoadProgress } from '../runtime/progress.js';
import type { PromptAttention, StepPictures, StepReport } from '../worker/protocol.js';

/** `progress`: bytes of the model have come. */
export class DiffusionProgressEvent extends Event {
  readonly loaded: number;
  readonly total: number;
  /** The file's path in the model's folder. */
  readonly file: string;

  constructor({ loaded, total, file }: LoadProgress) {
    super('progress');
    this.loaded = loaded;
    this.total = total;
    this.file = file;
  }
}

/** `step`: one step of the reverse process is done. */
export class DiffusionStepEvent extends Event {
  /** 1 after the first step, `steps` after the last. */
  readonly step: number;
  readonly steps: number;
  readonly timestep: number;
  /** With the attribute `attention`: what the words of each picture's prompt drew so far. */
  readonly attention: readonly PromptAttention[];
  readonly #previews: StepPictures;

  constructor({ step, steps, timestep, previews, attention = [] }: StepReport) {
    super('step');
    this.step = step;
    this.steps = steps;
    this.timestep = timestep;
    this.attention = attention;
    this.#previews = previews;
  }

  /** The pictures as they are after this step; made when asked for. */
  get preview(): ImageData[] {
    const [first = []] = Object.values(this.#previews);
    return first.map(({ data, width, height }) => new ImageData(data, width, height));
  }
}

/** `load`: the pictures are there. */
export class DiffusionLoadEvent extends Event {
  constructor() {
    super('load');
  }
}

/** `error`: what was asked for could not be done; `error.code` says why. */
export class DiffusionErrorEvent extends Event {
  constructor(readonly error: ElementError) {
    super('error');
  }
}

/** `abort`: a run was ended before its pictures were there. */
export class DiffusionAbortEvent extends Event {
  constructor() {
    super('abort');
  }
}

/** The events of every element that draws, by their types. */
export interface DiffusionElementEvents extends Omit<HTMLElementEventMap, OwnEvents> {
  progress: DiffusionProgressEvent;
  step: DiffusionStepEvent;
  load: DiffusionLoadEvent;
  error: DiffusionErrorEvent;
  abort: DiffusionAbortEvent;
}

type OwnEvents = 'progress' | 'step' | 'load' | 'error' | 'abort';

/** The events of the mask painter, by their types. */
export interface DiffusionMaskEvents extends Omit<HTMLElementEventMap, 'error'> {
  error: DiffusionErrorEvent;
}

/** The events of elements that explain without a model, by their types. */
export interface DiffusionFigureEvents extends Omit<HTMLElementEventMap, 'error'> {
  error: DiffusionErrorEvent;
  /** Of `<diffusion-train>`. */
  step: DiffusionTrainEvent;
}

/** `step` of `<diffusion-train>`: the training has reported. */
export class DiffusionTrainEvent extends Event {
  constructor(
    /** Iterations so far. */
    readonly iteration: number,
    /** The mean loss of those since the last report. */
    readonly loss: number,
  ) {
    super('step');
  }
}
