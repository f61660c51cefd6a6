import { LitElement, type PropertyValues } from 'lit';
import { property, state } from 'lit/decorators.js';
import { AnnouncerController } from '../../controllers/announcer.js';
import { CanvasController, saveFile, type BlobOptions } from '../../controllers/canvas.js';
import { FormValueController } from '../../controllers/form-value.js';
import { readImage, type ImageSource } from '../../controllers/image-source.js';
import { LanguageController } from '../../controllers/language.js';
import { ModelController } from '../../controllers/model.js';
import { PreloadController } from '../../controllers/preload.js';
import { SamplingController, type SamplingState } from '../../controllers/sampling.js';
import { isAbortError, type ElementError } from '../../errors.js';
import type { Picture } from '../../pictures/picture.js';
import { onWhite } from '../../pictures/tones.js';
import { DEFAULT_MODEL, modelAddress } from '../../runtime/model-address.js';
import type { Strings } from '../../strings/strings.js';
import { diffusionClient } from '../../worker/client.js';
import type {
  GenerateRequest,
  ModelRequest,
  PlainOptions,
  PreviewKind,
  RunResult,
  StepReport,
} from '../../worker/protocol.js';
import {
  DiffusionAbortEvent,
  type DiffusionElementEvents,
  DiffusionErrorEvent,
  DiffusionLoadEvent,
  DiffusionProgressEvent,
  DiffusionStepEvent,
} from '../events.js';
import { nameAttribute, numeric, seedNumber } from './attributes.js';
import {
  givenOptions,
  type ElementGenerateOptions,
  type ElementOptions,
  type ElementResult,
} from './element-options.js';
import type { PromptField } from './prompt-field.js';
import type { LitElementWith } from './typed-listeners.js';

/** Attributes that, mended, make a failed element try again. */
const decisive = [
  ...['model', 'backend', 'dtype', 'scheduler', 'steps', 'eta', 'seed', 'label', 'guidanceScale'],
  ...['guidanceRescale', 'classifierScale', 'count', 'image', 'strength', 'memory'],
  ...['prompt', 'negativePrompt', 'width', 'height'],
];

/**
 * What every element that draws shares: the attributes and events of the contract, the states, when to
 * fetch and when to draw. It renders nothing.
 */
export abstract class DiffusionElement extends (LitElement as LitElementWith<DiffusionElementEvents>) {
  static readonly formAssociated = true;

  /**
   * A bundled model's name, the URL of a model's folder, or `hf:owner/name` for one on the Hugging Face Hub; `fashion-mnist` by
   * default.
   */
  @property() model = '';
  /** Shows the controls. */
  @property({ type: Boolean, reflect: true }) controls = false;
  /** Draws as soon as the element is near the viewport. */
  @property({ type: Boolean, reflect: true }) autoplay = false;
  /** A picture to show until the first one is drawn. */
  @property() poster = '';
  /** What to fetch beforehand: `none`, `metadata` (a few hundred bytes, the default) or `auto`. */
  @property() preload = 'metadata';
  /** `lazy` (the default) waits until the element is near the viewport, `eager` does not. */
  @property() loading = 'lazy';
  /** `auto`, `webgpu` or `wasm`. */
  @property() backend = 'auto';
  /** The weights' numeric type; by default the best for the backend. */
  @property() dtype?: string;
  /** The sampler; by default the model's. */
  @property() scheduler?: string;
  /** Inference steps; by default the model's. */
  @numeric() steps?: number;
  /** Share of fresh noise at each step of DDIM, 0 to 1. */
  @numeric() eta?: number;
  /** The seed of the noise; random by default. */
  @seedNumber() seed?: number | bigint;
  /** The class to draw, by name or number; any by default. */
  @property() label?: string;
  /** What to draw, in words, with a model that reads text. */
  @property() prompt?: string;
  /** What not to draw: used where there is guidance. */
  @property({ attribute: 'negative-prompt' }) negativePrompt?: string;
  /** Of the pictures in pixels, where the model draws several sizes. */
  @numeric() width?: number;
  @numeric() height?: number;
  /** `low` holds each of a model's networks only while it runs, which spares the memory of phones and costs time. */
  @property() memory?: string;
  /** How strongly to follow the label or prompt: 1 is no guidance. */
  @numeric({ attribute: 'guidance-scale' }) guidanceScale?: number;
  /** The share of the contrast that guidance adds to take back, 0 to 1. */
  @numeric({ attribute: 'guidance-rescale' }) guidanceRescale?: number;
  /** How far a classifier's gradient moves each step towards the label, 0 (the default) to 100. */
  @numeric({ attribute: 'classifier-scale' }) classifierScale?: number;
  /** The name under which a form submits the pictures, as a PNG file. */
  @property({ reflect: true, converter: nameAttribute }) name = '';
  /** A text for those who can't see the pictures. */
  @property() alt = '';
  /** Texts in place of the element's own, by what they are for; the language is that of the page. */
  @property({ attribute: false }) strings?: Partial<Strings>;

  /** The element stands in a disabled fieldset. */
  @state() protected disabled = false;

  protected readonly language = new LanguageController(this, () => this.strings);
  protected readonly internals = this.attachInternals();
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
    onStep: (report) => this.stepped(report),
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
  readonly #preload = new PreloadController(this, {
    describer: this.describer,
    sampling: this.sampling,
    request: () => this.#modelRequest(),
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

  /** What the element is doing; also as `:state(…)` in style sheets. */
  get state(): SamplingState {
    return this.sampling.state;
  }

  /** The pictures of the last finished run, as RGBA bytes. */
  get images(): readonly Picture[] {
    return this.sampling.result?.images ?? [];
  }

  /** The seed of the last finished run. */
  get lastSeed(): number | bigint | undefined {
    const seed = this.sampling.result?.seed;
    return typeof seed === 'object' ? seed[0] : seed;
  }

  /** Of the last finished run: a sentence for each thing that was left out, such as the end of a long prompt. */
  get notices(): readonly string[] {
    return this.sampling.result?.notices ?? [];
  }

  /** Why the element failed; undefined in every other state. */
  get error(): ElementError | undefined {
    return this.sampling.error;
  }

  /** The backend that drew last, `webgpu` or `wasm`. */
  get activeBackend(): string | undefined {
    return this.sampling.result?.backend;
  }

  /** Where it drew: in the `worker`, or on the `page`'s own thread where no worker starts. */
  get thread(): 'worker' | 'page' | undefined {
    return this.sampling.result?.thread;
  }

  /** Why that backend was chosen, and why no worker, where there is none. */
  get backendReason(): string | undefined {
    return this.sampling.result?.backendReason;
  }

  /**
   * Draws, and resolves to the pictures. Options win over attributes, for this run only. A run that is
   * under way is aborted.
   *
   * @throws DiffusionError with a `code`; AbortError
   */
  async generate(options: ElementGenerateOptions = {}): Promise<ElementResult> {
    const { signal, ...rest } = options;
    try {
      const { image, ...options } = this.options(rest);
      const request = this.request(options);
      this.begin(request);
      const prepare = (running: AbortSignal) => this.prepare(request, image, running);
      return await this.sampling.run(prepare, signal);
    } catch (error) {
      if (error === this.sampling.error || isAbortError(error)) throw error;
      this.sampling.fail(error as Error);
      throw error;
    }
  }

  /** Ends a run that is under way; the last pictures stay. */
  abort(): void {
    this.sampling.abort();
  }

  /** The pictures as one file, a PNG by default; several as a grid. */
  async toBlob(options?: BlobOptions): Promise<Blob> {
    return this.view.toBlob(options);
  }

  /** Saves the pictures as a PNG file. */
  async download(): Promise<void> {
    saveFile(
      await this.toBlob({ scale: 4 }),
      `${this.label || 'diffusion'}-${this.lastSeed ?? 0}.png`,
    );
  }

  /** Which pictures the steps report. */
  protected get previewKinds(): readonly PreviewKind[] {
    return ['sample'];
  }

  /** The attributes as options; `overrides` win. */
  protected options(overrides: ElementOptions): ElementOptions {
    const { label, prompt, negativePrompt, width, height, scheduler, steps, eta, seed } = this;
    const { guidanceScale, guidanceRescale, classifierScale } = this;
    const what = { label, prompt, negativePrompt, width, height };
    const guidance = { guidanceScale, guidanceRescale, classifierScale };
    return givenOptions({ ...what, ...guidance, scheduler, steps, eta, seed, ...overrides });
  }

  /** Called before a run starts. */
  protected begin(_request: GenerateRequest): void {
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
    const label = this.label || this.prompt || '';
    const one = label ? 'pictureOf' : 'picture';
    const several = label ? 'picturesOf' : 'pictures';
    return this.language.text(count > 1 ? several : one, { count, label });
  }

  /** Called when the pictures are there. */
  protected async finished({ images, notices }: RunResult): Promise<void> {
    this.announcer.announce([this.describePictures(images.length), ...notices].join(' '));
    await this.#formValue.set(() => this.toBlob());
    this.dispatchEvent(new DiffusionLoadEvent());
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has('model') || changed.has('controls')) this.#preload.again();
    if (
      this.state === 'failed' &&
      decisive.some((name) => (changed as Map<PropertyKey, unknown>).has(name))
    ) {
      this.sampling.reset();
      if (this.autoplay) this.#generateQuietly();
    }
  }

  protected request(options: PlainOptions): GenerateRequest {
    return { ...this.#modelRequest(), options, previews: this.previewKinds };
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
    return {
      language: this.language,
      prompt: this.prompt,
      isRead: this.describer.description?.takesPrompt,
      onPrompt: (text) => {
        if (text === (this.prompt || undefined)) return;
        this.prompt = text;
        this.dispatchEvent(new Event('change', { bubbles: true }));
      },
      onEnter: () => {
        if (!this.sampling.busy) this.generateOnClick();
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

  #modelRequest(): ModelRequest {
    const { backend, dtype, memory } = this;
    const model = modelAddress(this.model || DEFAULT_MODEL, this.baseURI);
    return {
      model,
      backend: backend || undefined,
      dtype: dtype || undefined,
      memory: memory || undefined,
    };
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
