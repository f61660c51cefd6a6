import type { PropertyValues } from 'lit';
import { state } from 'lit/decorators.js';
import { AnnouncerController } from '../../controllers/announcer.js';
import { CanvasController, saveFile, type BlobOptions } from '../../controllers/canvas.js';
import { FormValueController } from '../../controllers/form-value.js';
import { readImage, type ImageSource } from '../../controllers/image-source.js';
import { LanguageController } from '../../controllers/language.js';
import { PictureSettingsController } from '../../controllers/picture-settings.js';
import type { PictureSettings } from '../../pictures/picture-settings.js';
import { LiveController } from '../../controllers/live.js';
import { ModelController } from '../../controllers/model.js';
import { PreloadController } from '../../controllers/preload.js';
import { SamplingController, type SamplingState } from '../../controllers/sampling.js';
import { isAbortError } from '../../errors.js';
import { randomSeed } from '../../pictures/seeds.js';
import { onWhite } from '../../pictures/tones.js';
import { diffusionClient } from '../../worker/client.js';
import type {
  GenerateRequest,
  PlainOptions,
  PreviewKind,
  RunResult,
  StepReport,
} from '../../worker/protocol.js';
import {
  DiffusionAbortEvent,
  DiffusionErrorEvent,
  DiffusionLoadEvent,
  DiffusionProgressEvent,
  DiffusionStepEvent,
} from '../events.js';
import { hasChanged } from './attributes.js';
import { DrawnElement } from './drawn-element.js';
import type { ElementGenerateOptions, ElementOptions, ElementResult } from './element-options.js';
import { pictureText } from './picture-text.js';
import type { PromptField } from './prompt-field.js';

/** What decides which model the controls describe. */
const described = [
  ...['model', 'prompt', 'controls', 'live', 'quality'],
  ...['steps', 'scheduler', 'guidanceScale', 'guidanceRescale', 'classifierScale', 'eta'],
  ...['negativePrompt', 'trajectory'],
];

/** What names the model: a run that still waits for another one is no use. */
const naming = ['model', 'backend', 'dtype', 'memory', 'quality'];

/**
 * What every element that draws shares: the events of the contract, the states, when to fetch and when to draw. It renders
 * nothing.
 */
export abstract class DiffusionElement extends DrawnElement {
  static readonly formAssociated = true;

  /** The element stands in a disabled fieldset. */
  @state() protected disabled = false;

  protected readonly language = new LanguageController(this, () => this.strings);
  protected readonly internals = this.attachInternals();
  readonly #settings = new PictureSettingsController(this);
  readonly #formValue = new FormValueController(this, this.internals);
  protected readonly announcer = new AnnouncerController(this);
  protected readonly view = new CanvasController(this);
  protected readonly describer = new ModelController(this, diffusionClient, (error) => {
    // A run that failed for the same reason has already said so.
    if (!this.sampling.busy && this.state !== 'failed') this.sampling.fail(error);
  });
  protected readonly sampling: SamplingController = new SamplingController(this, diffusionClient, {
    onState: (state) => this.#reflectState(state),
    onProgress: (progress) => this.dispatchEvent(new DiffusionProgressEvent(progress)),
    onStep: (report) => {
      this.stepped(report);
      this.following.stepped();
    },
    onResult: (result) => this.finished(result),
    onGivenUp: () => this.restore(),
    onError: (error) => {
      this.announcer.announce(error.message);
      this.dispatchEvent(new DiffusionErrorEvent(error));
    },
    onAbort: () => {
      this.announcer.announce(this.language.text('stopped'));
      this.dispatchEvent(new DiffusionAbortEvent());
    },
  });
  protected readonly following = new LiveController(this, {
    sampling: this.sampling,
    draw: () => this.drawLive(),
  });
  /** A person has changed something, or a run has begun: from then on changes are followed. */
  protected isInUse = false;
  #liveSeed: number | undefined;
  /** The prompt that is there is not finished. */
  #isTyping = false;
  /** What has changed, and not been rendered yet, is in a run that was asked for since. */
  #isCovered = false;
  readonly #preload = new PreloadController(this, {
    describer: this.describer,
    sampling: this.sampling,
    request: () => this.modelRequest(),
    draw: () => this.#generateQuietly(),
  });

  /** The form that the element belongs to. */
  get form(): HTMLFormElement | null {
    return this.internals.form;
  }

  formResetCallback(): void {
    this.abort();
    this.#formValue.clear();
  }

  formDisabledCallback(disabled: boolean): void {
    this.disabled = disabled;
  }

  /**
   * Draws, and resolves to the pictures. Options win over attributes, for this run only. A run that is
   * under way is aborted.
   *
   * @throws DiffusionError with a `code`; AbortError
   */
  async generate(options: ElementGenerateOptions = {}): Promise<ElementResult> {
    this.#isCovered = this.isUpdatePending;
    // So that what changes from now on counts as new.
    if (this.hasUpdated) this.performUpdate();
    return this.#draw(options, false);
  }

  /** Draws what the attributes say, as one of the runs that follow each other with `live`. */
  protected drawLive(options: ElementOptions = {}): Promise<ElementResult> {
    // Pictures that follow a hand must not differ by chance.
    const usual = this.lastSeed ?? (this.#liveSeed ??= randomSeed());
    return this.#draw({ seed: this.seed ?? usual, ...options }, true);
  }

  async #draw(options: ElementGenerateOptions, isLive: boolean): Promise<ElementResult> {
    const { signal, ...rest } = options;
    try {
      const { image, ...options } = this.options(rest);
      const request = this.request(options, isLive);
      this.isInUse = true;
      this.begin(request);
      const prepare = async (running: AbortSignal) => {
        const ready = await this.prepare(request, image, running);
        if (!running.aborted) this.#settings.begin(ready);
        return ready;
      };
      return await this.sampling.run(prepare, signal, isLive);
    } catch (error) {
      if (!isAbortError(error) && !this.sampling.hasTold(error)) this.sampling.fail(error as Error);
      throw error;
    }
  }

  /** Ends a run that is under way; the last pictures stay. */
  abort(): void {
    this.following.forget();
    this.sampling.abort();
  }

  /** What drew the last pictures, as plain values: given to `generate()` they come again. */
  get settings(): PictureSettings | undefined {
    return this.#settings.settings;
  }

  /** The pictures as one file, a PNG by default, which holds their settings; several as a grid. */
  async toBlob(options?: BlobOptions): Promise<Blob> {
    return this.signed(await this.view.toBlob(options), options);
  }

  /** The file with its settings, where it is a PNG and nobody wants it bare. */
  protected async signed(file: Blob, { metadata = true }: BlobOptions = {}): Promise<Blob> {
    return metadata ? this.#settings.sign(file) : file;
  }

  /** Saves the pictures as a PNG file. */
  async download(): Promise<void> {
    const name = `${this.label || 'diffusion'}-${this.lastSeed ?? 0}.png`;
    // Places between classes and seeds.
    saveFile(await this.toBlob({ scale: 4 }), name.replace(/\s*[,@]\s*/g, '-'));
  }

  /** Which pictures the steps report. */
  protected get previewKinds(): readonly PreviewKind[] | 'auto' {
    return 'auto';
  }

  /** Called before a run starts. A form keeps its picture until the next of those that follow each other is there. */
  protected begin({ allowed }: GenerateRequest): void {
    if (allowed === undefined) this.#formValue.clear();
  }

  /** Takes the pictures away; a form gets nothing. */
  protected forget(): void {
    this.following.forget();
    this.sampling.forget();
    this.#formValue.clear();
  }

  /** Called when a run ended without pictures: shows what there was before it. */
  protected restore(): void {
    if (this.images.length > 0) this.view.paint(this.images);
    else this.view.clear();
  }

  /** Called after each step. */
  protected stepped(report: StepReport): void {
    this.dispatchEvent(new DiffusionStepEvent(report));
  }

  /** What so many pictures show, for those who can't see them. */
  protected describePictures(count: number): string {
    return pictureText(this.language, this, count);
  }

  /** Called when the pictures are there. */
  protected async finished(result: RunResult): Promise<void> {
    const { images, notices } = result;
    this.#settings.finish(result);
    this.announcer.announce([this.describePictures(images.length), ...notices].join(' '));
    await this.#formValue.set(() => this.toBlob());
    this.dispatchEvent(new DiffusionLoadEvent());
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (hasChanged(changed, described)) this.#preload.again();
    if (hasChanged(changed, naming)) this.following.giveWay();
    const isNew = this.isDecisive(changed) && !this.#isCovered;
    this.#isCovered = false;
    if (!isNew) return;
    this.follow();
    // What follows a hand says what is wrong until it is drawn.
    if (this.state !== 'failed' || (this.live && this.isInUse)) return;
    this.sampling.reset();
    if (this.autoplay) this.#generateQuietly();
  }

  /** With `live`: draws what has changed. Nothing is drawn, nor fetched, before somebody has asked for a picture. */
  protected follow(isFrame = false): void {
    if (this.isInUse) this.following.changed(isFrame);
  }

  /** An event that reports a person. */
  protected report(type: 'input' | 'change'): void {
    this.isInUse = true;
    this.dispatchEvent(new Event(type, { bubbles: true }));
  }

  /** @param isLive the run is one of those that follow each other, which wait after their first step */
  protected request(options: PlainOptions, isLive = false): GenerateRequest {
    return {
      ...this.modelRequest({ prompt: this.prompt, ...options }, isLive),
      ...{ options, previews: this.previewKinds },
      ...(isLive && { allowed: 1 }),
    };
  }

  /** The request with its pictures in the model's size: the one to start from, where there is one. */
  protected async prepare(
    request: GenerateRequest,
    source: ImageSource | undefined,
    signal: AbortSignal,
  ): Promise<GenerateRequest> {
    if (!source) return request;
    const traits = await diffusionClient.describe(request, { signal });
    const { width = traits.width, height = traits.height } = request.options;
    const image = onWhite(await readImage(source, { ...traits, width, height }, { signal }));
    return { ...request, options: { ...request.options, image } };
  }

  /** What a field for the prompt shows and does. */
  protected get promptOptions(): PromptField {
    const change = (values: Partial<Pick<this, 'prompt' | 'promptStyle'>>, isTyping = false) => {
      Object.assign(this, values);
      this.#isTyping = isTyping;
      this.report(isTyping ? 'input' : 'change');
    };
    return {
      language: this.language,
      prompt: this.prompt,
      style: this.promptStyle,
      description: this.describer.description,
      onPrompt: (prompt, isTyping = false) => {
        // What is being typed is no prompt yet, but where the picture follows it.
        if (isTyping && !this.live) return;
        const isNew = prompt !== (this.prompt ?? '');
        if (isNew || (this.#isTyping && !isTyping)) {
          change({ prompt } as Partial<this>, isTyping);
        }
      },
      onStyle: (promptStyle) => change({ promptStyle } as Partial<this>),
      onDraw: () => {
        if (this.live) {
          this.isInUse = true;
          // What has changed is drawn when it is rendered.
          if (!this.isUpdatePending) this.follow();
        } else if (!this.sampling.busy) this.generateOnClick();
      },
    };
  }

  /** Draws; what goes wrong is in the `error` event and the element's state. */
  protected generateOnClick(): void {
    this.#generateQuietly();
  }

  #generateQuietly(): void {
    this.generate().catch(() => undefined);
  }

  #reflectState(state: SamplingState): void {
    if (state === 'loading') this.announcer.announce(this.language.text('starting'));
    try {
      this.internals.states.clear();
      this.internals.states.add(state);
    } catch {
      // Browsers before :state() have no states to set.
    }
  }
}
