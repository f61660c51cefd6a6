import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import { CanvasController } from '../../controllers/canvas.js';
import type { ImageSource } from '../../controllers/image-source.js';
import { readForModel } from '../../controllers/model-picture.js';
import { NoiseController } from '../../controllers/noise.js';
import type { Prepare } from '../../controllers/sampling.js';
import { invalidOption, isAbortError } from '../../errors.js';
import { maskPreset } from '../../pictures/mask-presets.js';
import { diffusionClient } from '../../worker/client.js';
import type { GenerateRequest, RunResult, StepReport } from '../../worker/protocol.js';
import { numeric } from '../base/attributes.js';
import type {
  ElementGenerateOptions,
  ElementOptions,
  ElementResult,
} from '../base/element-options.js';
import { StageElement } from '../base/stage-element.js';
import { stageStyles } from '../base/stage.styles.js';
import { baseStyles } from '../base/styles.js';
import { cellsOf, type Cell } from './cells.js';
import { styles } from './diffusion-compare.styles.js';

/**
 * One seed and one label drawn in several ways, side by side: by several samplers and numbers of steps, guidance scales,
 * shares of noise, or resamplings of a masked picture. Under each stand its model runs and milliseconds.
 *
 * @element diffusion-compare
 *
 * @slot - what shows where scripts do not run
 *
 * @event progress - bytes of the model have come: `loaded`, `total`, `file`
 * @event step - a step of a cell is done: `step`, `steps`, `timestep`, `preview`
 * @event load - all pictures are there
 * @event error - it could not be done: `error`, with a `code`
 * @event abort - the run was ended
 *
 * @csspart cell - each picture with its caption
 * @csspart canvas - each picture
 * @csspart controls - the buttons
 * @csspart button - each button
 * @csspart error - the sentence that says what went wrong
 *
 * @cssproperty --diffusion-accent - colour of the main button, the cell that is being drawn and the focus ring
 * @cssproperty --diffusion-background - colour behind the pictures
 * @cssproperty --diffusion-radius - radius of the corners
 * @cssproperty --diffusion-image-rendering - how pictures are enlarged: `pixelated`, or `auto` for smooth ones
 * @cssproperty --diffusion-font - font of all text
 *
 * @cssstate idle - nothing asked for yet
 * @cssstate loading - the model is on its way
 * @cssstate generating - steps are being made
 * @cssstate done - pictures are there
 * @cssstate failed - see `error`
 */
export class DiffusionCompare extends StageElement {
  static override readonly styles = [baseStyles, stageStyles, styles];

  /** Samplers, separated by spaces, each with its steps where those are not the model's: `ddpm:1000 ddim:20 dpm++`. */
  @property() schedulers = '';
  /** Guidance scales, separated by spaces. */
  @property({ attribute: 'guidance-scales' }) guidanceScales = '';
  /** Classifier scales, separated by spaces. */
  @property({ attribute: 'classifier-scales' }) classifierScales = '';
  /** Shares of fresh noise, separated by spaces. */
  @property() etas = '';
  /** With `src` and `mask-preset`: resamplings, separated by spaces. */
  @property() resamplings = '';
  /** With `src` and without `mask-preset`: shares of the steps to take from the picture, separated by spaces. */
  @property() strengths = '';
  /** A picture to fill a hole in, or to start from: its URL, or as a property whatever holds one. */
  @property() src: ImageSource = '';
  /** The hole: `thin`, `wide`, `half`, `expand`, `alternating-lines` or `super-resolution`. */
  @property({ attribute: 'mask-preset' }) maskPreset = '';
  /** Pictures to show until the first run, by their URLs, separated by spaces: one for each cell. */
  @property() posters = '';
  /** Pictures in each cell, 1 to 64; 1 by default. */
  @numeric() count?: number;

  readonly #noises = new NoiseController(this);
  #cells: readonly Cell[] = [];
  #views: readonly CanvasController[] = [];
  #results: readonly (RunResult | undefined)[] = [];
  #current = -1;

  /** What each cell came to, in their order; undefined for those not drawn yet. */
  get results(): readonly (RunResult | undefined)[] {
    return this.#results;
  }

  override async generate(options: ElementGenerateOptions = {}): Promise<ElementResult> {
    const { signal, ...rest } = options;
    try {
      const prepares = this.#plan(rest);
      await this.sampling.runAll(prepares, (result, index) => this.#drawn(result, index), signal);
      return this.sampling.result!;
    } catch (error) {
      if (!isAbortError(error) && !this.sampling.hasTold(error)) this.sampling.fail(error as Error);
      throw error;
    } finally {
      // A newer run has a current cell of its own.
      if (!this.sampling.busy) this.#current = -1;
    }
  }

  protected override willUpdate(_changed: PropertyValues): void {
    if (this.sampling.busy) return;
    try {
      this.#arrange(cellsOf(this));
    } catch {
      // generate() tells.
    }
  }

  protected override stepped(report: StepReport): void {
    const [pictures = []] = Object.values(report.previews);
    this.#views[this.#current]?.paint(pictures);
    super.stepped(report);
  }

  /** Cells that were finished before stay. */
  protected override restore(): void {
    this.#views.forEach((view, index) => {
      const result = this.#results[index];
      if (result) view.paint(result.images);
      else view.clear();
    });
  }

  protected override finished(result: RunResult): Promise<void> {
    this.view.paint(result.images);
    return super.finished(result);
  }

  protected override render(): TemplateResult {
    return html`
      <div class="cells" @keydown=${this.onKeydown}>
        ${this.#cells.map((cell, index) => this.#cell(cell, index))}
      </div>
      ${this.failure()} ${this.controls ? this.drawButton() : nothing} ${this.notes()}
      ${this.liveRegion()}
    `;
  }

  /** The runs of all cells, with one seed. */
  #plan(rest: ElementOptions): Prepare[] {
    const cells = cellsOf(this);
    const { src, maskPreset: preset, strengths } = this;
    if (!src && (preset || strengths)) {
      throw invalidOption('src', '', 'given where there is a mask-preset, or strengths');
    }
    if (src && !preset && !strengths) {
      throw invalidOption(
        'mask-preset',
        '',
        'given where there is a src, or strengths in its place',
      );
    }
    this.#arrange(cells);
    this.#results = [];
    const seed = this.seed ?? crypto.getRandomValues(new Uint32Array(1))[0]!;
    const shared = this.options({ count: this.count, seed, ...rest });
    return cells.map(({ options }, index) => {
      const request = this.request({ ...shared, image: undefined, ...options });
      if (index === 0) this.begin(request);
      return async (signal) => {
        this.#current = index;
        this.requestUpdate();
        return this.#withPicture(request, signal);
      };
    });
  }

  async #withPicture(request: GenerateRequest, signal: AbortSignal): Promise<GenerateRequest> {
    if (!this.src) return request;
    const [image] = await readForModel([this.src], request, diffusionClient, signal);
    const mask = this.maskPreset
      ? maskPreset(this.maskPreset, image!.width, image!.height)
      : undefined;
    return { ...request, options: { ...request.options, image, ...(mask && { mask }) } };
  }

  #arrange(cells: readonly Cell[]): void {
    const isSame = JSON.stringify(cells) === JSON.stringify(this.#cells);
    if (isSame) return;
    this.#cells = cells;
    this.#results = [];
    this.#views = cells.map((_, index) => this.#views[index] ?? new CanvasController(this));
    this.#views.forEach((view) => view.clear());
  }

  #drawn(result: RunResult, index: number): void {
    this.#results = Object.assign([...this.#results], { [index]: result });
    this.#views[index]!.paint(result.images);
    this.requestUpdate();
  }

  #cell({ names }: Cell, index: number): TemplateResult {
    const view = this.#views[index]!;
    const name = names.join(', ');
    const { canvas } = view;
    canvas.setAttribute('part', 'canvas');
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', `${name}: ${this.alt || this.describePictures(1)}`);
    return html`
      <figure part="cell">
        <div class="stage ${index === this.#current ? 'current' : ''}">
          ${view.isEmpty ? this.#placeholder(index) : canvas}
        </div>
        <figcaption>
          <span class="name">${name}</span>
          <bdi>${this.#note(index)}</bdi>
        </figcaption>
      </figure>
    `;
  }

  #placeholder(index: number): TemplateResult {
    const poster = (this.posters ?? '').split(/\s+/).filter(Boolean)[index];
    if (!poster) return html`${this.#noises.canvasOf(index)}`;
    return html`<img class="poster" src=${poster} alt="" />`;
  }

  /** What a cell cost, or how far it is. */
  #note(index: number): string {
    const { timings } = this.#results[index] ?? {};
    if (timings) {
      const milliseconds = Math.round(timings.total);
      return this.language.text('runsAndTime', { runs: timings.steps, milliseconds });
    }
    const { report } = this.sampling;
    if (index !== this.#current || !report) return '\u00a0';
    const { step, steps } = report;
    return this.language.text('step', { step, steps });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'diffusion-compare': DiffusionCompare;
  }
}
