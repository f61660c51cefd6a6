import { html, nothing, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import { CanvasController } from '../../controllers/canvas.js';
import type { ImageSource } from '../../controllers/image-source.js';
import type { GenerateRequest, PreviewKind, RunResult, StepReport } from '../../worker/protocol.js';
import { nameAttribute, numeric } from '../base/attributes.js';
import { DiffusionElement, type ElementOptions } from '../base/diffusion-element.js';
import { baseStyles } from '../base/styles.js';
import { styles } from './diffusion-sampler.styles.js';

/** Frames that a filmstrip shows at most; of more steps it shows some. */
const MAX_FRAMES = 10;

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);

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
  static readonly formAssociated = true;
  static override readonly styles = [baseStyles, styles];

  /** Pictures to draw at once, 1 to 64. */
  @numeric() count?: number;
  /** A picture to start from, instead of noise alone: its URL, or as a property whatever holds one. */
  @property() image?: ImageSource;
  /** With `image`: the share of the steps to take, 0 to 1. */
  @numeric() strength?: number;
  /** The name under which a form submits the pictures, as a PNG file. */
  @property({ reflect: true, converter: nameAttribute }) name = '';
  /** Shows the steps as a filmstrip; `x0` shows the predicted picture of each. */
  @property() trajectory: string | null = null;

  readonly #filmstrip = new CanvasController(this);
  #framesWanted = 0;

  /** The form that the element belongs to. */
  get form(): HTMLFormElement | null {
    return this.internals.form;
  }

  formResetCallback(): void {
    this.abort();
    this.internals.setFormValue(null);
  }

  protected override get previewKind(): PreviewKind {
    return this.trajectory === 'x0' ? 'x0' : 'sample';
  }

  protected override options(overrides: ElementOptions): ElementOptions {
    const { count, image, strength } = this;
    return super.options({ count, image, strength, ...overrides });
  }

  protected override begin({ options }: GenerateRequest): void {
    const steps = options.steps ?? this.describer.description?.defaultSteps ?? MAX_FRAMES;
    this.#framesWanted = Math.min(MAX_FRAMES, steps);
    this.#filmstrip.clear();
    this.#filmstrip.canvas.style.setProperty('--frames', String(this.#framesWanted));
  }

  protected override stepped(report: StepReport): void {
    const { preview = [], step, steps } = report;
    this.view.paint(preview);
    const frames = Math.min(this.#framesWanted, steps);
    const due = Math.floor((step * frames) / steps) > Math.floor(((step - 1) * frames) / steps);
    if (this.trajectory !== null && due && preview[0]) this.#filmstrip.append(preview[0], frames);
    super.stepped(report);
  }

  protected override finished(result: RunResult): void {
    this.view.paint(result.images);
    void this.#submitValue();
    super.finished(result);
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
      canvas.setAttribute('aria-label', this.alt || this.#description());
      return html`${canvas}`;
    }
    const image = html`<img class="poster" part="poster" src=${this.poster} alt=${this.alt} />`;
    return html`<slot name="poster">${this.poster ? image : nothing}</slot>`;
  }

  #description(): string {
    const count = this.images.length || 1;
    const what = this.label ? ` of ${this.label}` : '';
    return count > 1 ? `${count} generated pictures${what}` : `Generated picture${what}`;
  }

  #progressBar(): TemplateResult {
    const { busy, progress, report } = this.sampling;
    if (!busy) return html`<slot name="progress"></slot>`;
    const [text, value] = report
      ? [`Step ${report.step} of ${report.steps}`, report.step / report.steps]
      : progress
        ? [
            `Model: ${megabytes(progress.loaded)} of ${megabytes(progress.total)} MB`,
            progress.loaded / progress.total,
          ]
        : ['Starting', undefined];
    return html`
      <slot name="progress">
        <div class="progress" part="progress">
          <progress aria-label=${text} .value=${value ?? nothing} max="1"></progress>
          ${text}
        </div>
      </slot>
    `;
  }

  #trajectoryStrip(): TemplateResult | typeof nothing {
    if (this.trajectory === null || this.#filmstrip.isEmpty) return nothing;
    const { canvas } = this.#filmstrip;
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', 'The steps of the first picture, from noise to the end');
    return html`<div class="filmstrip" part="filmstrip">${canvas}</div>`;
  }

  #toolbar(): TemplateResult {
    const { busy } = this.sampling;
    const run = busy
      ? html`<button part="button" class="primary" @click=${this.abort}>Stop</button>`
      : html`<button part="button" class="primary" @click=${this.generateOnClick}>
          Generate
        </button>`;
    return html`
      <div class="toolbar" part="controls" role="group" aria-label="Drawing">
        ${this.#classPicker()} ${this.#stepsField()} ${this.#seedField()} ${run}
        <button part="button" ?disabled=${this.state !== 'done'} @click=${this.download}>
          Download
        </button>
      </div>
    `;
  }

  #classPicker(): TemplateResult | typeof nothing {
    const labels = this.describer.description?.labels ?? [];
    if (labels.length === 0) return nothing;
    const chosen = this.label ?? '';
    return html`
      <label>
        Class
        <select @change=${this.#onLabel}>
          <option value="" ?selected=${chosen === ''}>any</option>
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
        Steps
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
      <label>
        Seed
        <input
          type="text"
          inputmode="numeric"
          placeholder=${this.lastSeed?.toString() ?? 'random'}
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

  async #submitValue(): Promise<void> {
    if (!this.name) return;
    const blob = await this.toBlob();
    this.internals.setFormValue(new File([blob], `${this.name}.png`, { type: blob.type }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'diffusion-sampler': DiffusionSampler;
  }
}
