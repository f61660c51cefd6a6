import { html, nothing, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import type { ImageSource } from '../../controllers/image-source.js';
import { NoiseController } from '../../controllers/noise.js';
import { readKinds } from '../../controllers/trajectory.js';
import type { LoadProgress } from '../../runtime/model-folder.js';
import type { GenerateRequest, PreviewKind, RunResult, StepReport } from '../../worker/protocol.js';
import { numeric } from '../base/attributes.js';
import { DiffusionElement } from '../base/diffusion-element.js';
import type { ElementOptions } from '../base/element-options.js';
import { icon } from '../base/icons.js';
import { playerStyles } from '../base/player.js';
import { baseStyles } from '../base/styles.js';
import { styles } from './diffusion-sampler.styles.js';
import { toolbar } from './toolbar.js';
import { TrajectoryView } from './trajectory-view.js';

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
  static override readonly styles = [baseStyles, playerStyles, styles];

  /** Pictures to draw at once, 1 to 64. */
  @numeric() count?: number;
  /** A picture to start from, instead of noise alone: its URL, or as a property whatever holds one. */
  @property() image?: ImageSource;
  /** With `image`: the share of the steps to take, 0 to 1. */
  @numeric() strength?: number;
  /**
   * Shows the steps as filmstrips: of the noisy picture (`sample`, the default), the predicted picture (`x0`), the predicted
   * noise (`noise`), or several of them, separated by spaces. With `controls` the run can be paused, made step by step, and
   * looked at again.
   */
  @property() trajectory: string | null = null;

  readonly #noise = new NoiseController(this);
  readonly #trajectory: TrajectoryView = new TrajectoryView(this, {
    language: this.language,
    sampling: this.sampling,
    view: this.view,
    kinds: () => this.previewKinds,
    report: (type) => this.#report(type),
  });

  /** Whether a run waits between two steps. */
  get paused(): boolean {
    return this.sampling.paused;
  }

  /** Holds the run under way after its current step. */
  pause(): void {
    this.sampling.pace(0);
  }

  /** Lets a run that waits go on. */
  play(): void {
    this.sampling.pace(Infinity);
  }

  /** Makes one step of the run under way, and holds it again. */
  stepOnce(): void {
    this.sampling.pace(1);
  }

  protected override get previewKinds(): readonly PreviewKind[] {
    return readKinds(this.trajectory);
  }

  protected override options(overrides: ElementOptions): ElementOptions {
    const { count, image, strength } = this;
    return super.options({ count, image, strength, ...overrides });
  }

  protected override begin(request: GenerateRequest): void {
    super.begin(request);
    this.#trajectory.begin(this.#plannedSteps(request.options.steps));
  }

  protected override stepped(report: StepReport): void {
    this.view.paint(this.#trajectory.chosen(report));
    if (this.trajectory !== null) this.#trajectory.add(report);
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
      ${this.trajectory === null ? nothing : this.#trajectory.render(this.#plannedSteps(this.steps), this.controls)}
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

  #plannedSteps(steps: number | undefined): number | undefined {
    return steps ?? this.describer.description?.defaultSteps;
  }

  #toolbar(): TemplateResult {
    return toolbar({
      language: this.language,
      description: this.describer.description,
      busy: this.sampling.busy,
      disabled: this.disabled,
      isDone: this.state === 'done',
      label: this.label,
      steps: this.steps,
      seed: this.seed,
      lastSeed: this.lastSeed,
      onGenerate: () => this.generateOnClick(),
      onStop: () => this.abort(),
      onDownload: () => void this.download(),
      onLabel: (label) => {
        this.label = label;
        this.#report('change');
      },
      onText: (attribute, text) => this.#setFromText(attribute, text),
    });
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
