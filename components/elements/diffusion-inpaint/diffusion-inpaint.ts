import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { state } from 'lit/decorators.js';
import { encodeCanvas, type BlobOptions } from '../../controllers/canvas.js';
import type { ImageSource } from '../../controllers/image-source.js';
import { MaskLoaderController } from '../../controllers/mask-loader.js';
import { pickedPicture, PictureIntakeController } from '../../controllers/picture-intake.js';
import { ResultController } from '../../controllers/result.js';
import { SourceController } from '../../controllers/source.js';
import { abortError, DiffusionError } from '../../errors.js';
import { extendPicture } from '../../pictures/expand.js';
import type { Picture } from '../../pictures/picture.js';
import { diffusionClient } from '../../worker/client.js';
import type { GenerateRequest, RunResult, StepReport } from '../../worker/protocol.js';
import type {
  ElementGenerateOptions,
  ElementOptions,
  ElementResult,
} from '../base/element-options.js';
import { hasChanged } from '../base/attributes.js';
import { promptField } from '../base/prompt-field.js';
import { baseStyles } from '../base/styles.js';
import { usualModel, type Asked } from '../base/usual-model.js';
import type { DiffusionMask } from '../diffusion-mask/diffusion-mask.js';
import { comparison } from './comparison.js';
import { costLine } from './cost-line.js';
import { styles } from './diffusion-inpaint.styles.js';
import { InpaintAttributes } from './inpaint-attributes.js';
import { runProgress } from './run-progress.js';
import { inpaintToolbar } from './toolbar.js';

/** Of fills that follow the brush. */
const LIVE_STEPS = 4;
/** What decides how the picture is fitted to the model. */
const fitted = ['fit', 'invert', 'model', 'superResolution'];

/**
 * Repairs, extends and enlarges pictures: paint what is to be drawn anew, and the model fills it in, keeping
 * the rest to the byte (RePaint, Lugmayr et al. 2022).
 *
 * @element diffusion-inpaint
 *
 * @slot - an `<img>` or `<canvas>` to work on, instead of `src`
 * @slot controls - replaces the toolbar
 *
 * @event input - the mask is changing
 * @event change - a person changed the mask, the picture or a setting
 * @event step - a step is done; its `timestep` goes down, and up again with resamplings
 * @event load - the pictures are there
 * @event error - it could not be done: `error`, with a `code`
 * @event abort - the run was ended
 *
 * @csspart canvas - the result
 * @csspart plot - the timesteps of the run so far
 * @csspart progress - the progress bar and its text
 * @csspart controls - the toolbar
 * @csspart button - each button
 * @csspart error - the sentence that says what went wrong
 *
 * @cssproperty --diffusion-accent - colour of the main button, the bars and the focus ring
 * @cssproperty --diffusion-background - colour behind the pictures and in the fields
 * @cssproperty --diffusion-radius - radius of the corners
 * @cssproperty --diffusion-font - font of all text
 */
export class DiffusionInpaint extends InpaintAttributes {
  static override readonly styles = [baseStyles, styles];

  @state() private notice = '';

  readonly #source = new SourceController(this, {
    fitting: async (signal) => {
      const fitting = this.fitting;
      return { ...(await diffusionClient.describe(this.request({}), { signal })), ...fitting };
    },
    onPicture: (picture) => this.#maskLoader.load(picture),
    onError: (error) => this.sampling.fail(error),
    onMended: () => this.sampling.reset(),
  });
  readonly #maskLoader = new MaskLoaderController(this, {
    target: () => this.maskElement,
    preset: () => (this.superResolution ? 'super-resolution' : this.maskPreset),
    mask: () => this.mask,
    onError: (error) => this.sampling.fail(error),
  });
  readonly #intake = new PictureIntakeController(this, {
    allowed: () => !this.readonly,
    onFile: (file) => this.#take(file),
  });
  readonly #result = new ResultController(this);
  #timesteps: number[] = [];

  /** The painter that the element holds. */
  get maskElement(): DiffusionMask | null {
    return this.renderRoot?.querySelector('diffusion-mask') ?? null;
  }

  /** The picture being worked on, fitted to the model; undefined until there is one. */
  override get picture(): Picture | undefined {
    return this.#source.picture;
  }

  /** Works on another picture: a URL, a file, an element, a bitmap or pixels. */
  load(source: ImageSource): Promise<void> {
    return this.#source.load(source);
  }

  /**
   * A result as pixels: where the picture is a photo of another size than the model's, the whole photo at its own size
   * (4096 pixels at most on its longer side) with the drawn part put back.
   *
   * @param index of several results; by default the one that is shown
   * @throws DiffusionError `invalid-option` where there is no result yet
   */
  async toImageData(index?: number): Promise<ImageData> {
    const canvas = await this.#result.whole(index);
    const context = canvas.getContext('2d', { willReadFrequently: true })!;
    return context.getImageData(0, 0, canvas.width, canvas.height);
  }

  /** The chosen result as a file, a PNG by default; a photo as `toImageData` gives it. */
  override async toBlob(options: BlobOptions = {}): Promise<Blob> {
    if (!this.#result.isPhoto) return super.toBlob(options);
    const file = await encodeCanvas(await this.#result.whole(), options.type, options.quality);
    return this.signed(file, options);
  }

  /** As of every element; waits for the picture and the mask that are on their way. */
  override async generate(options?: ElementGenerateOptions): Promise<ElementResult> {
    await this.#settle();
    return super.generate(options);
  }

  /** In few steps, and with the model that was made for them where none is named. */
  protected override async drawLive(): Promise<ElementResult> {
    await this.#settle();
    const steps = Math.min(this.steps ?? LIVE_STEPS, LIVE_STEPS);
    return super.drawLive({ steps, resamplings: 1, scheduler: undefined });
  }

  async #settle(): Promise<void> {
    const { isConnected } = this;
    await this.updateComplete;
    await this.#source.settled;
    await this.#maskLoader.settled;
    if (isConnected && !this.isConnected) throw abortError();
  }

  protected override options(overrides: ElementOptions): ElementOptions {
    const { picture, count } = this;
    const expand = this.expansion;
    const mask = expand ? undefined : this.maskElement?.picture;
    const { error: maskError } = this.#maskLoader;
    const { error: sourceError } = this.#source;
    if (maskError && !expand && !overrides.mask) throw maskError;
    if (sourceError && !overrides.image) throw sourceError;
    if (!(overrides.image ?? picture)) {
      throw new DiffusionError('image-invalid', 'There is no picture yet: set src, or load() one.');
    }
    const { steps, jumpLength, resamplings } = this.cost;
    const own = { image: picture, mask, overlay: true, expand, count, steps };
    const walked =
      this.isLatent && this.resamplings === undefined ? {} : { jumpLength, resamplings };
    return super.options({ ...own, ...walked, ...overrides });
  }

  protected override usualModel(asked: Asked, isLive: boolean): string {
    return isLive ? usualModel(asked, 'fast') : super.usualModel(asked, isLive);
  }

  protected override begin(request: GenerateRequest): void {
    super.begin(request);
    const { options } = request;
    this.#timesteps = [];
    const whole = options.mask?.data.every((value, i) => i % 4 === 3 || value === 0);
    this.notice = whole ? this.language.text('nothingPainted') : '';
    const { photo } = this.#source;
    const isOnPhoto = photo && !options.expand;
    const painted = isOnPhoto ? { photo, paint: this.maskElement!.copyPaint() } : undefined;
    this.#result.begin(painted);
    if (whole) this.announcer.announce(this.notice);
  }

  protected override stepped(report: StepReport): void {
    this.#timesteps.push(report.timestep);
    const preview = Object.values(report.previews)[0]?.[0];
    if (preview) this.#result.preview(preview);
    super.stepped(report);
  }

  protected override finished(result: RunResult): Promise<void> {
    const { timings, images } = result;
    if (timings.steps > 0) this.millisecondsPerRun = timings.unet / timings.steps;
    this.view.paint(images);
    const expansion = this.expansion;
    const { picture } = this;
    const before = expansion ? extendPicture(picture!, expansion) : picture!;
    this.#result.finish(images, before);
    return super.finished(result);
  }

  protected override restore(): void {
    super.restore();
    this.#result.restore();
  }

  protected override updated(changed: PropertyValues<this>): void {
    super.updated(changed);
    if (changed.has('src') && this.src) void this.load(this.src);
    else if (hasChanged(changed, fitted)) this.#source.reload();
    else if (hasChanged(changed, ['mask', 'maskPreset']) && this.picture) {
      void this.#maskLoader.load(this.picture);
    }
  }

  protected override render(): TemplateResult {
    const { picture } = this;
    const { isApparent, report } = this.sampling;
    return html`
      <div class="board ${picture ? '' : 'empty'} ${this.#intake.dropping ? 'dropping' : ''}">
        ${picture ? nothing : html`<p><bdi>${this.language.text('dropPicture')}</bdi></p>`}
        <diffusion-mask
          ?hidden=${!picture}
          ?controls=${this.controls}
          ?readonly=${this.readonly || this.expand !== ''}
          .brushSize=${this.brushSize}
          .strings=${this.strings}
          alt=${this.alt}
          @input=${this.#onPaint}
          @change=${this.#onPaint}
          >${this.#source.view.canvas}</diffusion-mask
        >
        <slot hidden @slotchange=${this.#onSlot}></slot>
      </div>
      ${picture || this.src ? comparison(this.language, this.#result, this.alt, this.#isToFill) : nothing}
      ${isApparent ? runProgress(this.language, report, this.#timesteps) : nothing}
      ${this.notice ? html`<p class="cost">${this.notice}</p>` : nothing}
      ${this.error ? html`<p class="error" part="error">${this.error.message}</p>` : nothing}
      <slot name="controls">${this.controls ? this.#toolbar() : nothing}</slot>
      <div class="announcer" role="status">${this.announcer.text}</div>
    `;
  }

  /** Whether a result will come by itself: its place is kept. */
  get #isToFill(): boolean {
    return this.autoplay && !this.error && Boolean(this.maskPreset || this.mask || this.expand);
  }

  #toolbar(): TemplateResult {
    return html`${inpaintToolbar({
      language: this.language,
      disabled: this.disabled,
      busy: this.sampling.isApparent,
      readonly: this.readonly,
      canFill: this.picture !== undefined,
      canDownload: this.state === 'done',
      capture: this.capture,
      maskPreset: this.maskPreset,
      promptBox: promptField(this.promptOptions),
      onPick: (event) => this.#take(pickedPicture(event)),
      onPreset: (preset) => {
        this.maskPreset = preset;
        this.#changedByPerson();
      },
      onFill: () => this.generateOnClick(),
      onStop: () => this.abort(),
      onDownload: () => void this.download(),
    })}
    ${this.#costLine()}`;
  }

  #costLine(): TemplateResult {
    try {
      return costLine(this.language, this.cost, this.millisecondsPerRun);
    } catch (error) {
      return html`<p class="error" part="error">${(error as Error).message}</p>`;
    }
  }

  #changedByPerson(): void {
    this.report('change');
  }

  /** The mask's own event is the element's; with `live` what is painted is filled while the hand still moves. */
  #onPaint({ type, composed }: Event): void {
    // Those of the fields in the mask's toolbar cross its border by themselves.
    if (composed) return;
    this.report(type as 'input' | 'change');
    this.follow();
  }

  #onSlot({ target }: Event): void {
    const picture = (target as HTMLSlotElement)
      .assignedElements({ flatten: true })
      .find((each) => each instanceof HTMLImageElement || each instanceof HTMLCanvasElement);
    if (picture && !this.src) void this.load(picture);
  }

  #take(file: File | undefined): void {
    if (!file) return;
    void this.load(file).then(() => this.#changedByPerson());
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'diffusion-inpaint': DiffusionInpaint;
  }
}
