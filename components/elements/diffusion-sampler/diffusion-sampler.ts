import { html, nothing, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import { CanvasController } from '../../controllers/canvas.js';
import type { ImageSource } from '../../controllers/image-source.js';
import { NoiseController } from '../../controllers/noise.js';
import type { LoadProgress } from '../../runtime/model-folder.js';
import type { GenerateRequest, PreviewKind, RunResult, StepReport } from '../../worker/protocol.js';
import { numeric } from '../base/attributes.js';
import { DiffusionElement } from '../base/diffusion-element.js';
import type { ElementOptions } from '../base/element-options.js';
import { icon } from '../base/icons.js';
import { baseStyles } from '../base/styles.js';
import { styles } from './diffusion-sampler.styles.js';

/** Frames that a filmstrip shows at most; of more steps it shows some. */
const MAX_FRAMES = 10;

/**
 * Draws pictures with a diffusion model, in the visitor's browser.
 *
 * @element diffusion-sampler
 *
 * @slot - what shows where scripts do not run
 * @slot poster - shown until the first picture is there, instead of `poster`
 * @slot progress - replaces the progress bar
 * @slot controls - replaces the toolbar
 *
 * @event progress - bytes of the model have come: `loaded`, `total`, `file`
 * @event step - a step is done: `step`, `steps`, `timestep`, `preview`
 * @event load - the pictures are there
 * @event error - it could not be done: `error`, with a `code`
 * @event abort - the run was ended
 *
 * @csspart canvas - the pictures
 * @csspart poster - the poster's image
 * @csspart play - the button over the poster
 * @csspart filmstrip - the steps' pictures, side by side
 * @csspart progress - the progress bar and its text
 * @csspart controls - the toolbar
 * @csspart button - each button
 * @csspart error - the sentence that says what went wrong
 *
 * @cssproperty --diffusion-accent - colour of the main button, the bar and the focus ring
 * @cssproperty --diffusion-background - colour behind the pictures and in the fields
 * @cssproperty --diffusion-radius - radius of the corners
 * @cssproperty --diffusion-font - font of all text
 * @cssproperty --diffusion-aspect-ratio - shape of the stage until the first picture is there
 *
 * @cssstate idle - nothing asked for yet
 * @cssstate loading - the model is on its way
 * @cssstate ready - the model is there
 * @cssstate generating - steps are being made
 * @cssstate done - pictures are there
 * @cssstate failed - see `error`
 */
export class DiffusionSampler extends DiffusionElement {
  static override readonly styles = [baseStyles, styles];

  /** Pictures to draw at once, 1 to 64. */
  @numeric() count?: number;
  /** A picture to start from, instead of noise alone: its URL, or as a property whatever holds one. */
  @property() image?: ImageSource;
  /** With `image`: the share of the steps to take, 0 to 1. */
  @numeric() strength?: number;
  /** Shows the steps as a filmstrip; `x0` shows the predicted picture of each. */
  @property() trajectory: string | null = null;

  readonly #noise = new NoiseController(this);
  readonly #filmstrip = new CanvasController(this);
  #framesWanted = 0;

  protected override get previewKind(): PreviewKind {
    return this.trajectory === 'x0' ? 'x0' : 'sample';
  }

  protected override options(overrides: ElementOptions): ElementOptions {
    const { count, image, strength } = this;
    return super.options({ count, image, strength, ...overrides });
  }

  protected override begin(request: GenerateRequest): void {
    super.begin(request);
    const { options } = request;
    this.#framesWanted = this.#framesFor(options.steps);
    this.#filmstrip.clear();
  }

  protected override stepped(report: StepReport): void {
    const { preview = [], step, steps } = report;
    this.view.paint(preview);
    const frames = Math.min(this.#framesWanted, steps);
    const due = Math.floor((step * frames) / steps) > Math.floor(((step - 1) * frames) / steps);
    if (this.trajectory !== null && due && preview[0]) this.#filmstrip.append(preview[0], frames);
    super.stepped(report);
  }

  protected override finished(result: RunResult): Promise<void> {
    this.view.paint(result.images);
    return super.finished(result);
  }

  protected override render(): TemplateResult {
    return html`
      <div class="stage ${this.view.isEmpty ? 'empty' : ''}" @keydown=${this.#onKeydown}>
        ${this.#picture()} ${this.#progressBar()}
      </div>
      ${this.#trajectoryStrip()}
      ${this.error ? html`<p class="error" part="error">${this.error.message}</p>` : nothing}
      <slot name="controls" @keydown=${this.#onKeydown}>
        ${this.controls ? this.#toolbar() : nothing}
      </slot>
      <div class="announcer" role="status">${this.announcer.text}</div>
    `;
  }

  #picture(): TemplateResult {
    if (!this.view.isEmpty) {
      const { canvas } = this.view;
      canvas.setAttribute('part', 'canvas');
      canvas.setAttribute('role', 'img');
      canvas.setAttribute('aria-label', this.alt || this.describePictures(this.images.length || 1));
      return html`${canvas}`;
    }
    return html`
      <slot name="poster">${this.poster ? this.#posterImage() : this.#noise.canvas}</slot>
      ${this.controls && !this.sampling.busy ? this.#playButton() : nothing}
    `;
  }

  #posterImage(): TemplateResult {
    return html`<img class="poster" part="poster" src=${this.poster} alt=${this.alt} />`;
  }

  /** As on a video: says what a click will do. The toolbar has the same for keys and screen readers. */
  #playButton(): TemplateResult {
    return html`
      <button
        class="primary play"
        part="play"
        tabindex="-1"
        aria-hidden="true"
        ?disabled=${this.disabled}
        @click=${this.generateOnClick}
      >
        ${icon('play')} <bdi>${this.language.text('generate')}</bdi>
      </button>
    `;
  }

  #progressBar(): TemplateResult {
    const { busy, progress, report } = this.sampling;
    if (!busy) return html`<slot name="progress"></slot>`;
    const [text, value] = report
      ? [
          this.language.text('step', { step: report.step, steps: report.steps }),
          report.step / report.steps,
        ]
      : progress
        ? [this.#loadingText(progress), progress.loaded / progress.total]
        : [this.language.text('starting'), undefined];
    return html`
      <slot name="progress">
        <div class="progress" part="progress">
          <progress aria-label=${text} .value=${value ?? nothing} max="1"></progress>
          <bdi>${text}</bdi>
        </div>
      </slot>
    `;
  }

  #loadingText({ loaded, total }: LoadProgress): string {
    const [done, all] = [loaded, total].map((bytes) => this.language.decimal(bytes / 1e6));
    return this.language.text('loading', { loaded: done!, total: all! });
  }

  /** Its place is kept from the beginning, so that nothing moves when the first frame comes. */
  #trajectoryStrip(): TemplateResult | typeof nothing {
    if (this.trajectory === null) return nothing;
    const { canvas } = this.#filmstrip;
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', this.language.text('trajectory'));
    const frames = this.#framesWanted || this.#framesFor(this.steps);
    return html`<div class="filmstrip" part="filmstrip" .style=${`--frames:${frames}`}>
      ${canvas}
    </div>`;
  }

  #framesFor(steps: number | undefined): number {
    const wanted = steps ?? this.describer.description?.defaultSteps;
    return Math.min(MAX_FRAMES, Math.max(1, Number(wanted) || MAX_FRAMES));
  }

  #toolbar(): TemplateResult {
    const { busy } = this.sampling;
    const [name, act] = busy
      ? (['stop', this.abort] as const)
      : (['generate', this.generateOnClick] as const);
    const download = this.language.text('download');
    return html`
      <fieldset
        class="toolbar"
        part="controls"
        ?disabled=${this.disabled}
        aria-label=${this.language.text('drawing')}
      >
        ${this.#classPicker()} ${this.#stepsField()} ${this.#seedField()}
        <div class="actions">
          <button part="button" class="primary" @click=${act}>
            <bdi>${this.language.text(name)}</bdi>
          </button>
          <button
            part="button"
            title=${download}
            aria-label=${download}
            ?disabled=${this.state !== 'done'}
            @click=${this.download}
          >
            ${icon('download')}
          </button>
        </div>
      </fieldset>
    `;
  }

  #classPicker(): TemplateResult | typeof nothing {
    const labels = this.describer.description?.labels ?? [];
    if (labels.length === 0) return nothing;
    const chosen = this.label ?? '';
    return html`
      <label>
        <bdi>${this.language.text('label')}</bdi>
        <select @change=${this.#onLabel}>
          <option value="" ?selected=${chosen === ''}>${this.language.text('anyLabel')}</option>
          ${labels.map(
            (label) => html`<option ?selected=${label === chosen} value=${label}>${label}</option>`,
          )}
        </select>
      </label>
    `;
  }

  #stepsField(): TemplateResult {
    const { description } = this.describer;
    return html`
      <label>
        <bdi>${this.language.text('steps')}</bdi>
        <input
          type="number"
          min="1"
          max=${description?.trainSteps ?? 1000}
          placeholder=${description?.defaultSteps ?? ''}
          .value=${this.steps?.toString() ?? ''}
          @change=${this.#onSteps}
        />
      </label>
    `;
  }

  #seedField(): TemplateResult {
    return html`
      <label class="seed">
        <bdi>${this.language.text('seed')}</bdi>
        <input
          type="text"
          inputmode="numeric"
          placeholder=${this.lastSeed?.toString() ?? this.language.text('randomSeed')}
          .value=${this.seed?.toString() ?? ''}
          @change=${this.#onSeed}
        />
      </label>
    `;
  }

  #onLabel({ target }: Event): void {
    this.label = (target as HTMLSelectElement).value || undefined;
    this.#report('change');
  }

  #onSteps({ target }: Event): void {
    this.#setFromText('steps', (target as HTMLInputElement).value);
  }

  #onSeed({ target }: Event): void {
    this.#setFromText('seed', (target as HTMLInputElement).value);
  }

  // The field's text goes the way of an attribute's, so that both give the same errors.
  #setFromText(attribute: 'steps' | 'seed', text: string): void {
    if (text.trim()) this.setAttribute(attribute, text.trim());
    else {
      this.removeAttribute(attribute);
      this[attribute] = undefined;
    }
    this.#report('change');
  }

  #report(type: 'input' | 'change'): void {
    this.dispatchEvent(new Event(type, { bubbles: true }));
  }

  #onKeydown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && this.sampling.busy) {
      event.stopPropagation();
      this.abort();
    }
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'diffusion-sampler': DiffusionSampler;
  }
}
