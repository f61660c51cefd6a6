import { html, nothing, type ReactiveControllerHost, type TemplateResult } from 'lit';
import { AnimationController } from '../../controllers/animation.js';
import { CanvasController } from '../../controllers/canvas.js';
import type { LanguageController } from '../../controllers/language.js';
import { RecordingController, type RecordingFormat } from '../../controllers/recording.js';
import type { SamplingController } from '../../controllers/sampling.js';
import { TrajectoryController } from '../../controllers/trajectory.js';
import type { Picture } from '../../pictures/picture.js';
import type { PreviewKind, StepReport } from '../../worker/protocol.js';
import { player } from '../base/player.js';

export interface TrajectoryParts {
  readonly language: LanguageController;
  readonly sampling: SamplingController;
  /** Where the step that is looked at is shown. */
  readonly view: CanvasController;
  kinds(): readonly PreviewKind[];
  report(type: 'input' | 'change'): void;
}

/** Milliseconds that each step is shown when a finished run is played again. */
const FRAME_TIME = 120;

/** The steps of a run as filmstrips, and the player that holds a run, goes through it again, and saves it. */
export class TrajectoryView {
  readonly #trajectory: TrajectoryController;
  readonly #recording: RecordingController;
  readonly #animation: AnimationController;
  readonly #movie: CanvasController;
  /** Which of several kinds stands in the large picture; undefined for the first. */
  #kind: PreviewKind | undefined;

  constructor(
    readonly host: ReactiveControllerHost,
    readonly parts: TrajectoryParts,
  ) {
    this.#trajectory = new TrajectoryController(host);
    this.#movie = new CanvasController(host);
    this.#recording = new RecordingController(host, (error) => parts.sampling.fail(error as Error));
    this.#animation = new AnimationController(host, {
      duration: () => this.#trajectory.frames.length * FRAME_TIME,
      loop: () => false,
      onPlace: (place) => this.#look(Math.round(place * (this.#trajectory.frames.length - 1))),
    });
  }

  /** A run of so many steps begins. */
  begin(steps: number | undefined): void {
    this.#animation.pause();
    this.#trajectory.begin(steps);
  }

  add(report: StepReport): void {
    this.#trajectory.add(report);
  }

  /** The pictures of a step that stand in the large picture. */
  chosen({ previews }: StepReport): readonly Picture[] {
    return (this.#kind && previews[this.#kind]) ?? Object.values(previews)[0] ?? [];
  }

  /** The place of the strips is kept from the beginning, so that nothing moves when the first frame comes. */
  render(steps: number | undefined, controls: boolean): TemplateResult {
    const frames = this.#trajectory.framesFor(steps);
    const kinds = this.#kinds;
    return html`
      ${kinds.map((kind) =>
        kinds.length === 1 ? this.#strip(kind, frames) : this.#choice(kind, frames),
      )}
      ${controls ? this.#player() : nothing}
    `;
  }

  /** A mistake in the attribute is told by `generate()`. */
  get #kinds(): readonly PreviewKind[] {
    try {
      return this.parts.kinds();
    } catch {
      return ['sample'];
    }
  }

  get #shownKind(): PreviewKind {
    const kinds = this.#kinds;
    return this.#kind && kinds.includes(this.#kind) ? this.#kind : kinds[0]!;
  }

  #strip(kind: PreviewKind, frames: number): TemplateResult {
    const { language } = this.parts;
    const canvas = this.#trajectory.strip(kind);
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', `${language.text(kind)}: ${language.text('trajectory')}`);
    return html`<div class="filmstrip" part="filmstrip" .style=${`--frames:${frames}`}>
      ${canvas}
    </div>`;
  }

  #choice(kind: PreviewKind, frames: number): TemplateResult {
    return html`
      <button
        part="button"
        class="kind"
        aria-pressed=${kind === this.#shownKind}
        @click=${() => this.#choose(kind)}
      >
        <bdi>${this.parts.language.text(kind)}</bdi>${this.#strip(kind, frames)}
      </button>
    `;
  }

  #player(): TemplateResult {
    const { language, report, sampling } = this.parts;
    const { frames, shown } = this.#trajectory;
    const { busy, paused } = sampling;
    const last = Math.max(0, frames.length - 1);
    const value = shown ?? last;
    const { step = 0, steps = 0, timestep = 0 } = frames[value] ?? {};
    return player({
      language,
      label: '',
      name: language.text('steps'),
      value,
      last,
      shown: frames.length > 0 ? language.text('scrub', { step, steps, timestep }) : '',
      playing: busy ? !paused : this.#animation.playing,
      disabled: frames.length === 0,
      onPlay: () => this.#playOrPause(),
      onStep: busy ? () => sampling.pace(1) : undefined,
      onInput: (index) => this.#scrub(index),
      onChange: () => report('change'),
      recording: this.#recording,
      onRecord: busy ? undefined : (format) => this.#record(format),
    });
  }

  #playOrPause(): void {
    const { sampling } = this.parts;
    if (sampling.busy) return sampling.pace(sampling.paused ? Infinity : 0);
    if (this.#animation.playing) return this.#animation.pause();
    const { frames, shown } = this.#trajectory;
    this.#animation.seek(shown === undefined ? 0 : shown / Math.max(1, frames.length - 1));
    this.#animation.play();
  }

  #scrub(index: number): void {
    const { report, sampling } = this.parts;
    this.#animation.pause();
    if (sampling.busy) sampling.pace(0);
    this.#look(index);
    report('input');
  }

  /** Shows a step that was made before; the last one of a finished run is its result. */
  #look(index: number): void {
    const { sampling, view } = this.parts;
    const pictures = this.#trajectory.look(index, this.#shownKind);
    const isLast = index >= this.#trajectory.frames.length - 1;
    const isResult = isLast && sampling.state === 'done' && this.#kind === undefined;
    view.paint(isResult ? sampling.result!.images : pictures);
  }

  #choose(kind: PreviewKind): void {
    this.#kind = kind;
    const { frames, shown } = this.#trajectory;
    if (frames.length > 0) this.#look(shown ?? frames.length - 1);
    this.host.requestUpdate();
  }

  #record(format: RecordingFormat): void {
    const { frames } = this.#trajectory;
    void this.#recording.save(format, 'diffusion', {
      frames: frames.length,
      framesPerSecond: 1000 / FRAME_TIME,
      frame: (index) => {
        this.#movie.paint(this.#trajectory.pictures(index, this.#shownKind));
        return this.#movie.canvas;
      },
    });
  }
}
