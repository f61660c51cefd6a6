import { html, nothing, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import type { ImageSource } from '../../controllers/image-source.js';
import type { ElementError } from '../../errors.js';
import type { FileSettings } from '../../controllers/settings-file.js';
import { PictureIntakeController } from '../../controllers/picture-intake.js';
import { SeedPadController } from '../../controllers/seed-pad.js';
import { labelName, parseBlend } from '../../pictures/label-blend.js';
import { readKinds } from '../../controllers/trajectory.js';
import type {
  GenerateRequest,
  PreviewKind,
  PromptAttention,
  RunResult,
  StepReport,
} from '../../worker/protocol.js';
import { numeric } from '../base/attributes.js';
import type { ElementOptions } from '../base/element-options.js';
import { playerStyles } from '../base/player.js';
import { StageElement } from '../base/stage-element.js';
import { stageStyles } from '../base/stage.styles.js';
import { promptField } from '../base/prompt-field.js';
import { baseStyles } from '../base/styles.js';
import { labelBlend, seedPad } from './live-controls.js';
import { AttentionWords } from './attention-words.js';
import { usualModel, type Asked } from '../base/usual-model.js';
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
 * @event step - a step is done: `step`, `steps`, `timestep`, `preview`, `attention`
 * @event load - the pictures are there
 * @event input - a person moves the pad or the blend
 * @event change - a person has changed something
 * @event error - it could not be done: `error`, with a `code`
 * @event abort - the run was ended
 *
 * @csspart canvas - the pictures
 * @csspart poster - the poster's image
 * @csspart play - the button over the poster
 * @csspart words - the words of the prompt, with `attention`
 * @csspart word - each of them
 * @csspart filmstrip - the steps' pictures, side by side
 * @csspart progress - the progress bar and its text
 * @csspart controls - the toolbar
 * @csspart button - each button
 * @csspart pad - the surface between four seeds
 * @csspart error - the sentence that says what went wrong
 *
 * @cssproperty --diffusion-accent - colour of the main button, the bar and the focus ring
 * @cssproperty --diffusion-background - colour behind the pictures and in the fields
 * @cssproperty --diffusion-radius - radius of the corners
 * @cssproperty --diffusion-image-rendering - how pictures are enlarged: `pixelated`, or `auto` for smooth ones
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
export class DiffusionSampler extends StageElement {
  static override readonly styles = [baseStyles, stageStyles, playerStyles, styles];

  /** Pictures to draw at once, 1 to 64. */
  @numeric() count?: number;
  /** A picture to start from, instead of noise alone: its URL, or as a property whatever holds one. */
  @property() image?: ImageSource;
  /** With `image`: the share of the steps to take, 0 to 1. */
  @numeric() strength?: number;
  /**
   * Shows the words of the prompt under the picture, each of which lights up what it drew; with models that give their
   * cross-attention, as the bundled `emoji` does.
   */
  @property({ type: Boolean }) attention = false;
  /**
   * Shows the steps as filmstrips: of the noisy picture (`sample`, the default), the predicted picture (`x0`), the predicted
   * noise (`noise`), or several of them, separated by spaces. With `controls` the run can be paused, made step by step, and
   * looked at again.
   */
  @property({ converter: (value: string | null) => value }) trajectory: string | boolean | null =
    null;

  /**
   * Which of the bundled models draws, where none is named: `fast`, the distilled one, in one to four steps, or `best`. By
   * default `fast`, where it fits the steps, the scheduler and the guidance that are asked for, and there is no `trajectory`.
   */
  @property() quality = '';
  /** A surface between four seeds: the place is in the seed, as `1,2,3,4@0.25,0.75`. With `live` the picture follows it. */
  @property({ type: Boolean, attribute: 'seed-pad' }) seedPad = false;
  /** A slider between two classes: the place is in the label, as `sneaker, bag @ 0.3`. With `live` the picture follows it. */
  @property({ type: Boolean, attribute: 'label-blend' }) labelBlend = false;

  readonly #pad = new SeedPadController(this, {
    seed: () => this.seed ?? this.lastSeed,
    onSeed: (seed, isLast) => {
      this.seed = seed;
      this.report('input');
      if (isLast) this.report('change');
    },
  });

  readonly #trajectory: TrajectoryView = new TrajectoryView(this, {
    language: this.language,
    sampling: this.sampling,
    view: this.view,
    kinds: () => readKinds(this.trajectory),
    report: (type) => this.report(type),
  });

  readonly #words = new AttentionWords(this, {
    language: this.language,
    sampling: this.sampling,
    prompt: () => this.fullPrompt,
    isOneLine: () => this.live,
  });

  constructor() {
    super();
    new PictureIntakeController(this, {
      allowed: () => this.controls && !this.disabled,
      onFile: (file) => void this.#take(file),
    });
  }

  /** Of each picture of the last run, with `attention`: what the words of its prompt drew. */
  get attentionMaps(): readonly PromptAttention[] {
    return this.sampling.result?.attention ?? [];
  }

  /**
   * Takes over the settings that a PNG file of these elements holds, as its attributes; with `controls` also when one is dropped
   * on the element or pasted, which is then drawn. A model that is not bundled stays what it is.
   *
   * @returns whether the file holds any
   */
  async loadSettings(file: Blob): Promise<boolean> {
    const { readSettings } = await import('../../controllers/settings-file.js');
    const settings = await readSettings(file);
    this.note = this.#noteOn(settings);
    if (!settings) return false;
    const { prompt, negativePrompt, label, scheduler, steps, guidanceScale, guidanceRescale } =
      settings;
    const { eta, count, seed, width, height, model = this.model } = settings;
    this.promptStyle = '';
    Object.assign(this, { model, prompt, negativePrompt, label, scheduler, steps, guidanceScale });
    Object.assign(this, { guidanceRescale, eta, count, width, height, seed });
    return true;
  }

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

  /** Frameworks set a bare attribute's property to true, and an absent one's to false. */
  get #hasTrajectory(): boolean {
    return this.trajectory !== null && this.trajectory !== false && this.trajectory !== undefined;
  }

  protected override usualModel(asked: Asked): string {
    // What one looks at step by step is to have steps.
    return usualModel(asked, this.quality || (this.#hasTrajectory ? 'best' : ''));
  }

  protected override get previewKinds(): readonly PreviewKind[] | 'auto' {
    return this.#hasTrajectory ? readKinds(this.trajectory) : 'auto';
  }

  protected override options(overrides: ElementOptions): ElementOptions {
    const { count, image, strength } = this;
    const attention = this.attention || undefined;
    return super.options({ count, image, strength, attention, ...overrides });
  }

  protected override begin(request: GenerateRequest): void {
    super.begin(request);
    this.note = '';
    this.#words.begin();
    this.#trajectory.begin(this.#plannedSteps(request.options.steps));
  }

  protected override stepped(report: StepReport): void {
    this.view.paint(this.#trajectory.chosen(report));
    if (this.#hasTrajectory) this.#trajectory.add(report);
    super.stepped(report);
  }

  protected override finished(result: RunResult): Promise<void> {
    this.view.paint(result.images);
    return super.finished(result);
  }

  protected override render(): TemplateResult {
    const strips = () => this.#trajectory.render(this.#plannedSteps(this.steps), this.controls);
    return html`
      ${this.stage(this.#words.veil())} ${this.attention ? this.#words.words() : nothing}
      ${this.#hasTrajectory ? strips() : nothing} ${this.#liveControls()} ${this.failure()}
      <slot name="controls" @keydown=${this.onKeydown}>
        ${this.controls ? this.#toolbar() : nothing}
      </slot>
      ${this.notes()} ${this.liveRegion()}
    `;
  }

  /** What a picture drawn with these settings will not be. */
  #noteOn(settings: FileSettings | undefined): string {
    if (!settings) return this.language.text('noSettings');
    const { fromImage, otherModel } = settings;
    if (otherModel) return this.language.text('otherModel', { model: otherModel });
    return fromImage ? this.language.text('fromImage') : '';
  }

  /** What a file's settings may change. */
  get #drawn(): object {
    const { model, prompt, promptStyle, negativePrompt, label, scheduler, steps } = this;
    const { guidanceScale, guidanceRescale, eta, count, width, height, seed } = this;
    const what = { model, prompt, promptStyle, negativePrompt, label, scheduler, steps };
    return { ...what, guidanceScale, guidanceRescale, eta, count, width, height, seed };
  }

  async #take(file: File): Promise<void> {
    const before = this.#drawn;
    const found = await this.loadSettings(file);
    const { note } = this;
    if (note) this.announcer.announce(note);
    if (!found) return;
    this.report('change');
    try {
      const run = this.generate();
      this.note = note;
      await run;
    } catch (error) {
      // What the file asks for can't be drawn, and the controls could not mend all of it.
      if ((error as ElementError).code === 'invalid-option') Object.assign(this, before);
    }
  }

  #liveControls(): TemplateResult | typeof nothing {
    if (!this.seedPad && !this.labelBlend) return nothing;
    const { language, disabled } = this;
    const blend = () => {
      const labels = this.describer.description?.labels ?? [];
      if (this.describer.description && labels.length === 0) return nothing;
      const { from, to, share } = this.#blend(labels);
      const onBlend = (next: string, place: number, isLast: boolean) => {
        this.label = `${from}, ${next} @ ${place}`;
        this.report('input');
        if (isLast) this.report('change');
      };
      return labelBlend({ language, labels, to, share, disabled, onBlend });
    };
    return html`<div class="live" @keydown=${this.onKeydown}>
      ${this.seedPad ? seedPad({ language, pad: this.#pad, disabled }) : nothing}
      ${this.labelBlend ? html`<div class="blending">${blend()}</div>` : nothing}
    </div>`;
  }

  /** The two classes of the label, by default the first of all and the next. */
  #blend(labels: readonly string[]): { from: string; to: string; share: number } {
    const { from: first, to: second, share = 0 } = parseBlend(this.label ?? '') ?? {};
    const from = labelName(labels, first ?? this.label ?? '') || labels[0] || '';
    if (second !== undefined) return { from, to: labelName(labels, second), share };
    const to = labels[(labels.indexOf(from) + 1) % labels.length] ?? '';
    return { from, to, share };
  }

  #plannedSteps(steps: number | undefined): number | undefined {
    return steps ?? this.describer.description?.defaultSteps;
  }

  #toolbar(): TemplateResult {
    const placed = parseBlend(this.label ?? '');
    const { labels = [] } = this.describer.description ?? {};
    return toolbar({
      language: this.language,
      description: this.describer.description,
      busy: this.sampling.isApparent,
      disabled: this.disabled,
      isDone: this.images.length > 0,
      label: labelName(labels, placed?.from ?? this.label ?? ''),
      promptBox: promptField(this.promptOptions),
      steps: this.steps,
      seed: this.seed,
      lastSeed: this.lastSeed,
      onGenerate: () => this.generateOnClick(),
      onStop: () => this.abort(),
      onDownload: () => void this.download(),
      onLabel: (label) => {
        this.label = placed && label ? `${label}, ${placed.to} @ ${placed.share}` : label;
        this.report('change');
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
    this.report('change');
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'diffusion-sampler': DiffusionSampler;
  }
}
