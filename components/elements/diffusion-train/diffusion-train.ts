import { html, type PropertyValues, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import { AnimationController, prefersLessMotion } from '../../controllers/animation.js';
import { PointDataController } from '../../controllers/point-data.js';
import { PointPenController } from '../../controllers/point-pen.js';
import { EXTENT, PointPlotController } from '../../controllers/point-plot.js';
import { TrainingController } from '../../controllers/training.js';
import { invalidOption } from '../../errors.js';
import { pointSets, type PointSet } from '../../pictures/point-sets.js';
import {
  checkIteration,
  checkTraining,
  POINT_TIMESTEPS,
  type PointSampler,
} from '../../training/training-options.js';
import { diffusionClient } from '../../worker/client.js';
import type { TrainReport } from '../../worker/protocol.js';
import { numeric } from '../base/attributes.js';
import { FigureElement } from '../base/figure-element.js';
import { icon } from '../base/icons.js';
import { slider } from '../base/slider.js';
import { baseStyles } from '../base/styles.js';
import { DiffusionTrainEvent } from '../events.js';
import { styles } from './diffusion-train.styles.js';
import { batchTable, choice, hint, lossPlot } from './views.js';

/** Arrows in a row, samples, and points of a batch that are told about. */
const SIDE = 15;
const SAMPLES = 500;
const SHOWN = 4;
/** Steps of each sampler, and milliseconds in which its paths are drawn. */
const STEPS: Record<PointSampler, number> = { ddpm: POINT_TIMESTEPS, ddim: 20 };
const PATH_TIME = 2500;

const rates = [0.0003, 0.001, 0.003, 0.01];
const batches = [32, 128, 256, 512];
const widths = [16, 32, 64, 128];

/**
 * The training algorithm of DDPM, live: a small network learns a distribution of points in the plane, in the page. One sees
 * its loss fall, its samples and the arrows along which it moves points get better, and what each iteration does; then it
 * samples, and the paths are drawn. It needs no model.
 *
 * @element diffusion-train
 *
 * @event step - the training has reported: `iteration`, `loss`
 * @event error - it could not be done: `error`, with a `code`
 * @event input - a person draws points, or moves the slider
 * @event change - a person has drawn points, or changed a setting
 *
 * @csspart plane - the plane with its points
 * @csspart loss - the loss curve
 * @csspart controls - the fields and buttons
 * @csspart button - each button
 * @csspart error - the sentence that says what went wrong
 *
 * @cssproperty --diffusion-accent - colour of the main button and the focus ring
 * @cssproperty --diffusion-background - colour behind the plane and in the fields
 * @cssproperty --diffusion-series-1 - colour of the samples
 * @cssproperty --diffusion-series-2 - colour of the paths and the loss
 * @cssproperty --diffusion-radius - radius of the corners
 * @cssproperty --diffusion-font - font of all text
 */
export class DiffusionTrain extends FigureElement {
  static override readonly styles = [baseStyles, styles];

  /** What is learned: `moons`, `spiral`, `ring`, `letters`, or `drawn` for what the reader draws. */
  @property() data: PointSet = 'moons';
  /** The letters of `data="letters"`; `Aa` by default. */
  @property() letters = 'Aa';
  /** Adam's learning rate, above 0 and at most 1; 0.003 by default. */
  @numeric({ attribute: 'learning-rate' }) learningRate?: number;
  /** Points in an iteration, 1 to 1024; 256 by default. */
  @numeric({ attribute: 'batch-size' }) batchSize?: number;
  /** Values in each of the three hidden layers, 4 to 256; 64 by default. */
  @numeric() width?: number;
  /** The seed of the network, its batches and its samples, a whole number; 0 by default. */
  @numeric() seed?: number;
  /** The timestep of the arrows, 0 to 99; 20 by default. */
  @numeric() timestep?: number;
  /** Trains as soon as the element is near the viewport, unless the person asked for less motion. */
  @property({ type: Boolean, reflect: true }) autoplay = false;

  readonly #data = new PointDataController(this);
  readonly #plot = new PointPlotController(this);
  readonly #training = new TrainingController(this, diffusionClient, {
    request: () => ({
      points: this.#data.points,
      ...this.#settings,
      width: this.width ?? 64,
      seed: this.seed ?? 0,
      shown: SHOWN,
      side: SIDE,
      extent: EXTENT,
      samples: SAMPLES,
    }),
    onReport: (report) => this.#reported(report),
    onError: (error) => this.fail(error),
  });
  readonly #animation = new AnimationController(this, {
    duration: () => PATH_TIME,
    loop: () => false,
    onPlace: () => this.requestUpdate(),
  });
  readonly #pen = new PointPenController(this, this.#plot, {
    isActive: () => this.data === 'drawn',
    onBegin: () => this.reset(),
    onPlace: (place) => this.#draw(place),
    onEnd: () => this.report('change'),
  });
  #path: TrainReport['path'];
  #started = false;

  /** Iterations so far. */
  get iteration(): number {
    return this.#training.iteration;
  }

  /** The mean loss of the latest iterations; undefined before the first. */
  get loss(): number | undefined {
    return this.#training.loss;
  }

  /** Whether it does not train. */
  get paused(): boolean {
    return !this.#training.playing;
  }

  /** Trains, until `pause()`. */
  play(): void {
    this.#begin(() => this.#training.play());
  }

  pause(): void {
    this.#training.pause();
  }

  /** Makes one iteration. */
  step(): void {
    this.#begin(() => this.#training.step());
  }

  /** Forgets what was learned. */
  reset(): void {
    this.#path = undefined;
    this.#training.reset();
  }

  /** Draws samples with the network as it is, and their paths from the noise. */
  sample(sampler: PointSampler = 'ddpm'): void {
    if (!(sampler in STEPS)) throw invalidOption('sampler', sampler, 'ddpm or ddim');
    this.pause();
    this.#begin(() =>
      this.#training.sample({ sampler, steps: STEPS[sampler], seed: this.seed ?? 0 }),
    );
  }

  protected override willUpdate(changed: PropertyValues): void {
    this.attempt(() => {
      const isOther = this.#data.choose(this.data || 'moons', this.letters || 'Aa');
      if (isOther || changed.has('width') || changed.has('seed')) this.reset();
      this.#check();
    });
    if (['learningRate', 'batchSize', 'timestep'].some((name) => changed.has(name))) {
      this.#training.change(this.#settings);
    }
    if (this.autoplay && this.begun && !this.#started && !prefersLessMotion()) {
      this.#started = true;
      this.play();
    }
  }

  protected override updated(): void {
    const { report } = this.#training;
    const path = this.#path;
    const steps = path ? path.points.length / (2 * SAMPLES) - 1 : 0;
    this.#plot.paint({
      data: this.#data.points,
      samples: report?.samples,
      field: report?.field,
      side: SIDE,
      cursor: this.#pen.cursor,
      path: path && {
        points: path.points,
        count: SAMPLES,
        step: Math.round(this.#animation.place * steps),
      },
    });
  }

  protected override render(): TemplateResult {
    const { canvas } = this.#plot;
    const isDrawing = this.data === 'drawn';
    canvas.setAttribute('role', isDrawing ? 'application' : 'img');
    canvas.tabIndex = isDrawing ? 0 : -1;
    const name = this.alt || this.language.text('trainingPlot');
    canvas.setAttribute('aria-label', isDrawing ? this.language.text('drawByKeys') : name);
    return html`
      <div class="panels">
        <div
          class="plane ${isDrawing ? 'drawing' : ''}"
          part="plane"
          @pointerdown=${this.#pen.onPointer}
          @pointermove=${this.#pen.onPointer}
          @pointerup=${this.#pen.onPointerEnd}
          @pointercancel=${this.#pen.onPointerEnd}
          @keydown=${this.#pen.onKeydown}
          @focusin=${this.#pen.onFocus}
          @focusout=${this.#pen.onFocus}
        >
          ${canvas}
          ${hint(this.language.text('drawHere'), isDrawing && this.#data.points.length === 0)}
        </div>
        <div class="side">
          <p class="counter"><bdi>${this.#counter()}</bdi></p>
          ${lossPlot(this.#training.losses, this.language)}
          ${batchTable(this.#training.report?.detail, SHOWN, this.language)}
        </div>
      </div>
      ${this.#controls()} ${this.notices()}
    `;
  }

  get #settings() {
    const { learningRate = 0.003, batchSize = 256, timestep = 20 } = this;
    return { learningRate, batchSize, timestep };
  }

  /** Settings are checked as they come, before anybody trains. */
  #check(): void {
    const { width = 64, seed = 0 } = this;
    const points = this.#data.points.length > 0 ? this.#data.points : new Float32Array(2);
    checkIteration(this.#settings);
    checkTraining({ points, width, seed });
  }

  #begin(act: () => void): void {
    this.#path = undefined;
    act();
  }

  #reported(report: TrainReport): void {
    if (report.path) {
      this.#path = report.path;
      this.#animation.seek(0);
      this.#animation.play();
    }
    const { losses, iteration } = report;
    if (losses.length > 0) this.dispatchEvent(new DiffusionTrainEvent(iteration, this.loss!));
  }

  #counter(): string {
    const { iteration, loss } = this;
    const shown = loss === undefined ? '–' : loss.toFixed(3);
    return this.language.text('iteration', { iteration, loss: shown });
  }

  #controls(): TemplateResult {
    const { learningRate, batchSize, timestep } = this.#settings;
    const text = (key: Parameters<typeof this.language.text>[0]) => this.language.text(key);
    const playing = !this.paused;
    return html`
      <div class="toolbar" part="controls">
        <div class="run">
          <button
            part="button"
            class="primary"
            ?disabled=${this.#data.points.length === 0}
            @click=${playing ? this.pause : this.play}
          >
            <bdi>${text(playing ? 'pause' : 'train')}</bdi>
          </button>
          ${this.#iconButton('step', text('stepOnce'), () => this.step())}
          ${this.#iconButton('reset', text('reset'), () => this.#startAgain())}
          ${(['ddpm', 'ddim'] as const).map((sampler) => {
            const label = this.language.text('sampleBy', { sampler: sampler.toUpperCase() });
            return html`<button
              part="button"
              ?disabled=${this.iteration === 0}
              @click=${() => this.sample(sampler)}
            >
              <bdi>${label}</bdi>
            </button>`;
          })}
        </div>
        ${choice(
          text('data'),
          pointSets,
          this.data,
          (value) => this.#set('data', value),
          (value) => (pointSets.includes(value) ? text(value) : value),
        )}
        ${choice(text('learningRate'), rates, learningRate, (value) => this.#set('learningRate', value))}
        ${choice(text('batchSize'), batches, batchSize, (value) => this.#set('batchSize', value))}
        ${choice(text('width'), widths, this.width ?? 64, (value) => this.#set('width', value))}
        <label>
          <bdi>${this.language.text('fieldAt', { timestep })}</bdi>
          ${slider({
            value: timestep,
            last: POINT_TIMESTEPS - 1,
            onInput: (value) => {
              this.timestep = value;
              this.report('input');
            },
            onChange: () => this.report('change'),
          })}
        </label>
      </div>
    `;
  }

  #iconButton(name: 'step' | 'reset', label: string, act: () => void): TemplateResult {
    return html`<button part="button" aria-label=${label} title=${label} @click=${act}>
      ${icon(name)}
    </button>`;
  }

  #set<K extends 'data' | 'learningRate' | 'batchSize' | 'width'>(name: K, value: this[K]): void {
    this[name] = value;
    this.report('change');
  }

  #draw(place: readonly [number, number]): void {
    this.pause();
    this.#data.add(place);
    this.report('input');
    this.requestUpdate();
  }

  #startAgain(): void {
    if (this.data === 'drawn') this.#data.clear();
    this.reset();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'diffusion-train': DiffusionTrain;
  }
}
