import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import { AnimationController, prefersLessMotion } from '../../controllers/animation.js';
import { paintPicture, type BlobOptions } from '../../controllers/canvas.js';
import { FramesController } from '../../controllers/frames.js';
import type { ImageSource } from '../../controllers/image-source.js';
import { readForModel } from '../../controllers/model-picture.js';
import { RecordingController, type RecordingFormat } from '../../controllers/recording.js';
import { invalidOption } from '../../errors.js';
import { diffusionClient } from '../../worker/client.js';
import type { GenerateRequest, RunResult, StepReport } from '../../worker/protocol.js';
import { numeric, seedNumber } from '../base/attributes.js';
import type { ElementOptions } from '../base/element-options.js';
import { player, playerStyles } from '../base/player.js';
import { StageElement } from '../base/stage-element.js';
import { stageStyles } from '../base/stage.styles.js';
import { baseStyles } from '../base/styles.js';
import { styles } from './diffusion-interpolate.styles.js';
import { planInterpolation } from './plan.js';
import { mapSliders, strip, type Strip } from './strip.js';

const DEFAULT_DURATION = 3000;

/**
 * The way from one picture to another through the noise that makes them: two seeds, two seeds of two labels, four seeds on a
 * map, or two pictures, which DDIM run backwards turns into their noise. Played as a loop, or scrubbed as a video.
 *
 * @element diffusion-interpolate
 *
 * @slot - what shows where scripts do not run
 * @slot poster - shown until the first picture is there, instead of `poster`
 * @slot progress - replaces the progress bar
 *
 * @event progress - bytes of the model have come: `loaded`, `total`, `file`
 * @event step - a step is done: `step`, `steps`, `timestep`, `preview`
 * @event load - the pictures are there
 * @event error - it could not be done: `error`, with a `code`
 * @event abort - the run was ended
 * @event input - a person looks at another frame
 * @event change - a person has chosen a frame
 *
 * @csspart canvas - the frame that is looked at
 * @csspart poster - the poster's image
 * @csspart play - the button over the poster
 * @csspart strip - all frames
 * @csspart progress - the progress bar and its text
 * @csspart controls - the slider and its buttons
 * @csspart button - each button
 * @csspart error - the sentence that says what went wrong
 *
 * @cssproperty --diffusion-accent - colour of the main button, the slider, the chosen frame and the focus ring
 * @cssproperty --diffusion-background - colour behind the pictures and in the buttons
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
export class DiffusionInterpolate extends StageElement {
  static override readonly styles = [baseStyles, stageStyles, playerStyles, styles];

  /** The seed at the beginning; 0 by default. */
  @seedNumber({ attribute: 'from-seed' }) fromSeed?: number | bigint;
  /** The seed at the end; 1 by default. */
  @seedNumber({ attribute: 'to-seed' }) toSeed?: number | bigint;
  /** The class at the end, where `label` is that at the beginning. */
  @property({ attribute: 'to-label' }) toLabel?: string;
  /** Four seeds, separated by spaces, for the corners of a map: upper left, upper right, lower left, lower right. */
  @property({ attribute: 'four-seeds' }) fourSeeds = '';
  /** A picture at the beginning, instead of a seed: its URL, or as a property whatever holds one. */
  @property({ attribute: 'from-src' }) fromSrc: ImageSource = '';
  /** A picture at the end. */
  @property({ attribute: 'to-src' }) toSrc: ImageSource = '';
  /** Pictures in all, 2 to 64; on a map in each direction, 2 to 8. 12 and 5 by default. */
  @numeric() frames?: number;
  /** Plays there and back without end. */
  @property({ type: Boolean, reflect: true }) loop = false;
  /** Milliseconds from the beginning to the end; 3000 by default. */
  @numeric() duration?: number;

  readonly #frames = new FramesController(this, this.view);
  readonly #recording = new RecordingController(this, (error) =>
    this.sampling.fail(error as Error),
  );
  readonly #animation = new AnimationController(this, {
    duration: () => (this.loop ? 2 : 1) * this.#duration,
    loop: () => this.loop,
    onPlace: (place) => {
      const there = this.loop ? 1 - Math.abs(1 - 2 * place) : place;
      this.#frames.chosen = Math.round(there * (this.#frames.count - 1));
    },
  });

  /** The frame that is looked at, from 0. */
  get frame(): number {
    return this.#frames.chosen;
  }

  set frame(frame: number) {
    this.#frames.chosen = frame;
  }

  /** Plays from the frame that is looked at. */
  play(): void {
    const place = this.frame / Math.max(1, this.#frames.count - 1);
    this.#animation.seek(this.loop ? place / 2 : place);
    this.#animation.play();
  }

  pause(): void {
    this.#animation.pause();
  }

  /** Whether it does not play. */
  get paused(): boolean {
    return !this.#animation.playing;
  }

  /** All frames side by side as one file, a PNG by default. */
  override async toBlob(options: BlobOptions = {}): Promise<Blob> {
    return this.#frames.strip.toBlob(options);
  }

  /** What plays as a file: a GIF, or an MP4 or WebM video. */
  async record(format: RecordingFormat = 'gif'): Promise<Blob> {
    return this.#recording.record(format, this.#movie());
  }

  protected override options(overrides: ElementOptions): ElementOptions {
    const { fromSrc, toSrc } = this;
    if (Boolean(fromSrc) !== Boolean(toSrc)) {
      throw invalidOption(fromSrc ? 'to-src' : 'from-src', '', 'given where the other one is');
    }
    const given = super.options(overrides);
    const { columns, rows, options } = planInterpolation(this, given.label);
    this.#frames.expect(columns, rows);
    return { ...given, seed: undefined, ...options };
  }

  protected override async prepare(
    request: GenerateRequest,
    image: ImageSource | undefined,
    signal: AbortSignal,
  ): Promise<GenerateRequest> {
    const { fromSrc, toSrc } = this;
    if (!fromSrc || !toSrc) return super.prepare(request, image, signal);
    const between = await readForModel([fromSrc, toSrc], request, diffusionClient, signal);
    const { at } = request.options.interpolation!;
    return { ...request, options: { ...request.options, interpolation: { between, at } } };
  }

  protected override begin(request: GenerateRequest): void {
    super.begin(request);
    this.#animation.pause();
  }

  protected override stepped(report: StepReport): void {
    const [pictures = []] = Object.values(report.previews);
    this.#frames.show(pictures);
    super.stepped(report);
  }

  protected override restore(): void {
    if (this.images.length > 0) this.#frames.show(this.images);
    else this.#frames.clear();
  }

  protected override finished(result: RunResult): Promise<void> {
    this.#frames.show(result.images);
    if (this.autoplay && this.#frames.rows === 1 && !prefersLessMotion()) this.play();
    return super.finished(result);
  }

  /** The strip has its place before there are frames. */
  protected override willUpdate(): void {
    if (this.sampling.busy || !this.#frames.isEmpty) return;
    try {
      const { columns, rows } = planInterpolation(this, this.label);
      this.#frames.expect(columns, rows);
    } catch {
      // generate() tells.
    }
  }

  protected override updated(changed: PropertyValues<this>): void {
    super.updated(changed);
    const { strip } = this.#frames;
    strip.canvas.setAttribute('role', 'img');
    strip.canvas.setAttribute('aria-label', this.language.text('between'));
  }

  protected override render(): TemplateResult {
    return html`
      ${this.stage()} ${strip(this.#stripOptions)} ${this.failure()}
      ${this.#frames.rows > 1 ? mapSliders(this.#stripOptions) : this.#player()}
      ${this.controls ? this.drawButton() : nothing} ${this.notes()} ${this.liveRegion()}
    `;
  }

  get #duration(): number {
    return this.duration && this.duration > 0 ? this.duration : DEFAULT_DURATION;
  }

  get #stripOptions(): Strip {
    return {
      frames: this.#frames,
      language: this.language,
      onChoose: (frame) => this.#look(frame),
      onChange: () => this.report('change'),
    };
  }

  #player(): TemplateResult {
    const { chosen, count, isEmpty } = this.#frames;
    return player({
      language: this.language,
      label: '',
      value: chosen,
      last: count - 1,
      shown: this.language.text('frame', { frame: chosen + 1, frames: count }),
      playing: !this.paused,
      disabled: isEmpty,
      onPlay: () => (this.paused ? this.play() : this.pause()),
      onInput: (frame) => this.#look(frame),
      onChange: () => this.report('change'),
      recording: this.#recording,
      onRecord: (format) => void this.#recording.save(format, 'interpolation', this.#movie()),
    });
  }

  #look(frame: number): void {
    this.pause();
    this.#frames.chosen = frame;
    this.report('input');
  }

  /** There and back where it loops. */
  #movie() {
    const { count, pictures } = this.#frames;
    const frames = this.loop ? Math.max(1, 2 * count - 2) : count;
    const canvas = document.createElement('canvas');
    return {
      frames,
      framesPerSecond: Math.min(30, (1000 * count) / this.#duration),
      frame: (index: number) =>
        paintPicture(pictures[index < count ? index : frames - index]!, canvas),
    };
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'diffusion-interpolate': DiffusionInterpolate;
  }
}
