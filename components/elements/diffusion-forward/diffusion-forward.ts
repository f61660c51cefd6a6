import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import { AnimationController } from '../../controllers/animation.js';
import { encodeCanvas, paintPicture } from '../../controllers/canvas.js';
import { ForwardController } from '../../controllers/forward.js';
import type { ImageSource } from '../../controllers/image-source.js';
import { RecordingController } from '../../controllers/recording.js';
import { DiffusionError, invalidOption } from '../../errors.js';
import { readSchedules, scheduleLevels } from '../../pictures/schedule-curves.js';
import { numeric, seedNumber } from '../base/attributes.js';
import { FigureElement } from '../base/figure-element.js';
import { player, playerStyles } from '../base/player.js';
import { baseStyles } from '../base/styles.js';
import { DiffusionLoadEvent } from '../events.js';
import { styles } from './diffusion-forward.styles.js';

type Levels = ReturnType<typeof scheduleLevels>;

const DEFAULT_SCHEDULE = 'linear';
/** Milliseconds from the picture to pure noise. */
const DURATION = 4000;
/** Pixels below which single ones are shown as squares. */
const SMALL = 128;

/**
 * A picture and what the forward process makes of it: a slider leads from the picture to pure noise, which stays the same
 * noise as the slider moves. It needs no model.
 *
 * @element diffusion-forward
 *
 * @slot - the picture, as an `<img>`, instead of `src`
 * @slot poster - shown until the picture is there
 *
 * @event load - the picture is there
 * @event error - it could not be shown: `error`, with a `code`
 * @event input - a person moves the slider
 * @event change - a person has moved it
 *
 * @csspart canvas - the noised picture under each schedule
 * @csspart controls - the slider and its buttons
 * @csspart button - each button
 * @csspart strip - the pictures at `marks`
 * @csspart error - the sentence that says what went wrong
 *
 * @cssproperty --diffusion-accent - colour of the slider and the focus ring
 * @cssproperty --diffusion-background - colour behind the picture and in the buttons
 * @cssproperty --diffusion-radius - radius of the corners
 * @cssproperty --diffusion-font - font of all text
 * @cssproperty --diffusion-aspect-ratio - shape of the stage
 */
export class DiffusionForward extends FigureElement {
  static override readonly styles = [baseStyles, playerStyles, styles];

  /** The picture: its URL, or as a property whatever holds one. */
  @property() src: ImageSource = '';
  /** Without a picture: the class of Fashion-MNIST, by name or number, of which an example is shown. */
  @property() label?: string;
  /** The timestep shown, 0 to T - 1; a quarter of the way by default. */
  @numeric() timestep?: number;
  /** T, 2 to 10,000; 1000 by default. */
  @numeric({ attribute: 'num-train-timesteps' }) numTrainTimesteps?: number;
  /** `linear`, `scaled_linear`, `squaredcos_cap_v2` or `sigmoid`; several, separated by spaces, stand side by side. */
  @property({ attribute: 'beta-schedule' }) betaSchedule = DEFAULT_SCHEDULE;
  /** The first beta, where the schedule has one; 0.0001 by default. */
  @numeric({ attribute: 'beta-start' }) betaStart?: number;
  /** The last beta, where the schedule has one; 0.02 by default. */
  @numeric({ attribute: 'beta-end' }) betaEnd?: number;
  /** Timesteps, separated by spaces, at which smaller pictures stand below. */
  @property() marks = '';
  /** The seed of the noise, 0 by default. */
  @seedNumber() seed?: number | bigint;

  readonly #forward = new ForwardController(this, () =>
    this.dispatchEvent(new DiffusionLoadEvent()),
  );
  readonly #animation = new AnimationController(this, {
    duration: () => DURATION,
    loop: () => false,
    onPlace: (place) => {
      this.timestep = Math.round(place * (this.#count - 1));
    },
  });
  readonly #recording = new RecordingController(this, (error) => this.fail(error));
  #levels: readonly Levels[] = [];
  #marks: readonly number[] = [];
  #strips: readonly (readonly HTMLCanvasElement[])[] = [];
  readonly #canvases: HTMLCanvasElement[] = [];
  #stripsOf: unknown[] = [];

  /** Shows another picture; never rejects: what goes wrong is in the `error` event. */
  load(source: ImageSource): Promise<void> {
    return this.#forward.load(source, this.seed ?? 0);
  }

  /** The noised picture as a file's bytes, a PNG by default; of several schedules the first. */
  async toBlob(type?: string, quality?: number): Promise<Blob> {
    const [canvas] = this.#canvases;
    if (canvas && this.#forward.process) return encodeCanvas(canvas, type, quality);
    throw new DiffusionError('invalid-option', 'There is no picture yet: wait for the load event.');
  }

  protected override willUpdate(changed: PropertyValues): void {
    const { betaSchedule, numTrainTimesteps, betaStart, betaEnd } = this;
    this.attempt(() => {
      this.#levels = readSchedules(betaSchedule || DEFAULT_SCHEDULE).map((name) =>
        scheduleLevels({ betaSchedule: name, numTrainTimesteps, betaStart, betaEnd }),
      );
      this.#marks = readMarks(this.marks ?? '', this.#count);
      checkTimestep('timestep', this.#timestep, this.#count);
      if (this.#forward.error) throw this.#forward.error;
    });
    if (!this.begun) return;
    const isOther = ['src', 'label', 'seed'].some((name) => changed.has(name));
    if (isOther || !this.#forward.asked) this.#reload();
  }

  protected override updated(): void {
    const { process } = this.#forward;
    if (!process) return;
    for (const [index, levels] of this.#levels.entries()) {
      const level = levels[this.#timestep];
      if (level) paintPicture(process.at(level), this.#canvases[index]);
    }
  }

  protected override render(): TemplateResult {
    const { process } = this.#forward;
    const names = this.#levels.length > 1 ? readSchedules(this.betaSchedule) : [];
    if (process) this.#paintStrips();
    return html`
      <div class="pictures ${(process?.picture.width ?? 0) <= SMALL ? 'small' : ''}">
        ${this.#levels.map((levels, index) => this.#figure(levels, index, names[index]))}
      </div>
      <slot class="sources" @slotchange=${this.#reload}></slot>
      ${this.#player()} ${this.notices()}
    `;
  }

  get #count(): number {
    return this.#levels[0]?.length ?? 1;
  }

  get #timestep(): number {
    return this.timestep ?? Math.round(this.#count / 4);
  }

  get #shape(): string {
    const { width = 1, height = 1 } = this.#forward.process?.picture ?? {};
    return `--shape: ${width} / ${height}`;
  }

  readonly #reload = (): void => {
    if (!this.begun) return;
    const slotted = this.querySelector<HTMLImageElement>(':scope > img:not([slot])');
    const source = this.src || slotted || { label: this.label || undefined };
    void this.#forward.load(source, this.seed ?? 0);
  };

  #figure(levels: Levels, index: number, name: string | undefined): TemplateResult {
    const { alpha, sigma } = levels[this.#timestep] ?? { alpha: 1, sigma: 0 };
    const canvas = (this.#canvases[index] ??= document.createElement('canvas'));
    canvas.setAttribute('part', 'canvas');
    canvas.setAttribute('role', 'img');
    const values = { timestep: this.#timestep, signal: percent(alpha), noise: percent(sigma) };
    canvas.setAttribute('aria-label', this.alt || this.language.text('noisedPicture', values));
    return html`
      <figure>
        <div class="stage" .style=${this.#shape}>
          ${this.#forward.process ? canvas : html`<slot name="poster"></slot>`}
        </div>
        ${this.#strip(index)}
        <figcaption>
          ${name ? html`<bdi class="name">${name}:</bdi> ` : nothing}
          <bdi>${this.language.text('signalAndNoise', values)}</bdi>
        </figcaption>
      </figure>
    `;
  }

  /** The pictures at the marks change with the picture and the schedules only. */
  #paintStrips(): void {
    const { process } = this.#forward;
    const made = [
      process,
      this.marks,
      this.betaSchedule,
      this.numTrainTimesteps,
      this.betaStart,
      this.betaEnd,
    ];
    if (made.every((value, index) => value === this.#stripsOf[index])) return;
    this.#stripsOf = made;
    this.#strips = this.#levels.map((levels) =>
      this.#marks.map((mark) => paintPicture(process!.at(levels[mark]!))),
    );
  }

  #strip(index: number): TemplateResult | typeof nothing {
    const canvases = this.#strips[index] ?? [];
    if (this.#marks.length === 0) return nothing;
    return html`
      <div class="strip" part="strip" .style=${`--marks: ${this.#marks.length}`}>
        ${this.#marks.map(
          (mark, i) => html`
            <button
              part="button"
              aria-pressed=${mark === this.#timestep}
              aria-label="${this.language.text('timestep')} ${mark}"
              @click=${() => this.#choose(mark, 'change')}
            >
              ${canvases[i]}${mark}
            </button>
          `,
        )}
      </div>
    `;
  }

  #player(): TemplateResult {
    return player({
      language: this.language,
      label: this.language.text('timestep'),
      value: this.#timestep,
      last: this.#count - 1,
      shown: `t = ${this.#timestep}`,
      playing: this.#animation.playing,
      onPlay: () => this.#play(),
      onInput: (timestep) => this.#choose(timestep, 'input'),
      onChange: () => this.report('change'),
      recording: this.#recording,
      onRecord: (format) => this.#record(format),
    });
  }

  #play(): void {
    if (this.#animation.playing) return this.#animation.pause();
    this.#animation.seek(this.#timestep / Math.max(1, this.#count - 1));
    this.#animation.play();
  }

  #choose(timestep: number, event: 'input' | 'change'): void {
    this.#animation.pause();
    this.timestep = timestep;
    this.report(event);
  }

  #record(format: 'gif' | 'video'): void {
    const { process } = this.#forward;
    const [levels] = this.#levels;
    if (!process || !levels) return;
    const canvas = document.createElement('canvas');
    const frames = 60;
    this.#recording.save(format, 'forward-process', {
      frames,
      framesPerSecond: 15,
      frame: (index) => {
        const t = Math.round((index / (frames - 1)) * (levels.length - 1));
        return paintPicture(process.at(levels[t]!), canvas);
      },
    });
  }
}

/** The share of the variance that this amplitude gives, in percent. */
const percent = (amplitude: number) => Math.round(100 * amplitude ** 2);

function checkTimestep(name: string, timestep: number, count: number): void {
  if (Number.isInteger(timestep) && timestep >= 0 && timestep < count) return;
  throw invalidOption(name, timestep, `a whole number from 0 to ${count - 1}`);
}

function readMarks(text: string, count: number): number[] {
  const marks = text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(Number);
  for (const mark of marks) checkTimestep('marks', mark, count);
  return marks;
}

declare global {
  interface HTMLElementTagNameMap {
    'diffusion-forward': DiffusionForward;
  }
}
