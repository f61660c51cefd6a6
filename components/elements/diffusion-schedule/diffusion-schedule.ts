import { html, nothing, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import { VisitedTimestepsController } from '../../controllers/visited-timesteps.js';
import { WidthController } from '../../controllers/width.js';
import { invalidOption } from '../../errors.js';
import {
  plotKinds,
  readSchedules,
  scheduleCurve,
  type PlotKind,
} from '../../pictures/schedule-curves.js';
import { numeric } from '../base/attributes.js';
import { FigureElement } from '../base/figure-element.js';
import { seriesColour, seriesStyles } from '../base/series.js';
import { slider } from '../base/slider.js';
import { baseStyles } from '../base/styles.js';
import { chart } from './chart.js';
import type * as Geometry from './chart-geometry.js';
import { styles } from './diffusion-schedule.styles.js';

const quantities: Record<PlotKind, string> = {
  'alphas-cumprod': 'ᾱ',
  betas: 'β',
  snr: 'log SNR',
};

const DEFAULT_SCHEDULES = 'linear squaredcos_cap_v2';
const DEFAULT_STEPS = 20;
/** Rows of the table that screen readers read. */
const ROWS = 10;

/**
 * How noise grows over the timesteps: beta, alpha bar or the signal-to-noise ratio of one schedule or several, and where a
 * sampler's timesteps fall. It needs no model.
 *
 * @element diffusion-schedule
 *
 * @event error - it could not be shown: `error`, with a `code`
 * @event input - a person reads at another timestep
 * @event change - a person has chosen a timestep
 *
 * @csspart plot - the plot
 * @csspart controls - the slider below it
 * @csspart legend - the schedules and their values
 * @csspart error - the sentence that says what went wrong
 *
 * @cssproperty --diffusion-accent - colour of the visited timesteps, the slider and the focus ring
 * @cssproperty --diffusion-series-1 - colour of the first line; and so on to `--diffusion-series-4`
 * @cssproperty --diffusion-font - font of all text
 */
export class DiffusionSchedule extends FigureElement {
  static override readonly styles = [baseStyles, seriesStyles, styles];

  /** `linear`, `scaled_linear`, `squaredcos_cap_v2` or `sigmoid`; several, separated by spaces, in one plot. */
  @property({ attribute: 'beta-schedule' }) betaSchedule = DEFAULT_SCHEDULES;
  /** `alphas-cumprod`, `betas`, or `snr`: the logarithm of the signal-to-noise ratio. */
  @property() plot: PlotKind = 'alphas-cumprod';
  /** T, 2 to 10,000; 1000 by default. */
  @numeric({ attribute: 'num-train-timesteps' }) numTrainTimesteps?: number;
  /** The first beta, where the schedule has one; 0.0001 by default. */
  @numeric({ attribute: 'beta-start' }) betaStart?: number;
  /** The last beta, where the schedule has one; 0.02 by default. */
  @numeric({ attribute: 'beta-end' }) betaEnd?: number;
  /** A sampler whose timesteps are marked, under the first schedule. */
  @property() scheduler?: string;
  /** Its inference steps; 20 by default. */
  @numeric() steps?: number;
  /** The timestep whose values are read, 0 to T - 1; the middle by default. */
  @numeric() timestep?: number;

  readonly #width = new WidthController(this, 480);
  readonly #visited = new VisitedTimestepsController(this);
  #geometry: typeof Geometry | undefined;
  #asked = false;
  #names: readonly string[] = [];
  #curves: readonly Float64Array[] = [];

  /** The timesteps that `scheduler` visits, in its order. */
  get timesteps(): readonly number[] {
    return this.#visited.timesteps;
  }

  protected override willUpdate(): void {
    if (this.begun) this.#prepare();
    const { betaSchedule, numTrainTimesteps, betaStart, betaEnd } = this;
    const plot = this.#plot;
    this.attempt(() => {
      if (!plotKinds.includes(plot))
        throw invalidOption('plot', plot, `one of ${plotKinds.join(', ')}`);
      const names = readSchedules(betaSchedule || DEFAULT_SCHEDULES);
      this.#curves = names.map((name) =>
        scheduleCurve(plot, { betaSchedule: name, numTrainTimesteps, betaStart, betaEnd }),
      );
      this.#names = names;
      const last = this.#curves[0]!.length - 1;
      const { timestep = 0 } = this;
      if (!Number.isInteger(timestep) || timestep < 0 || timestep > last) {
        throw invalidOption('timestep', timestep, `a whole number from 0 to ${last}`);
      }
      const [first = 'linear'] = names;
      const schedule = { betaSchedule: first, numTrainTimesteps, betaStart, betaEnd };
      void this.#visited.find(this.scheduler || undefined, this.steps ?? DEFAULT_STEPS, schedule);
      if (this.#visited.error) throw this.#visited.error;
    });
  }

  protected override render(): TemplateResult {
    return html`${this.#curves.length > 0 ? this.#figure() : nothing} ${this.notices()}`;
  }

  get #plot(): PlotKind {
    return this.plot || 'alphas-cumprod';
  }

  /** Loads what draws the plot. */
  #prepare(): void {
    if (this.#asked) return;
    this.#asked = true;
    import('./chart-geometry.js').then(
      (module) => {
        this.#geometry = module;
        this.requestUpdate();
      },
      (error: unknown) => {
        this.#asked = false;
        this.fail(error);
      },
    );
  }

  #figure(): TemplateResult {
    const quantity = quantities[this.#plot] ?? '';
    const last = this.#curves[0]!.length - 1;
    const reading = Math.min(last, this.timestep ?? Math.floor(last / 2));
    const name = this.language.text('schedulePlot', { quantity, names: this.#names.join(', ') });
    return html`
      <div role="group" aria-label=${this.alt || name}>
        <div class="plot">${this.#geometry && this.#chart(this.#geometry, quantity, reading)}</div>
        <div class="player" part="controls">
          ${slider({
            value: reading,
            last,
            name: this.language.text('timestep'),
            shown: this.#spoken(reading),
            onInput: (timestep) => this.#read(timestep),
            onChange: () => this.report('change'),
          })}
        </div>
        ${this.#legend(reading)} ${this.#table(last)}
      </div>
    `;
  }

  #chart(
    { chartGeometry, CHART_HEIGHT: height }: typeof Geometry,
    quantity: string,
    reading: number,
  ): TemplateResult {
    const { width } = this.#width;
    const data = { width, curves: this.#curves, reading, visited: this.timesteps };
    const onRead = (timestep: number) => this.#read(timestep);
    const geometry = chartGeometry(data);
    return chart({ geometry, width, height, quantity, over: 't', onRead });
  }

  #spoken(timestep: number): string {
    const values = this.#names.map((name, i) => `${name} ${shorten(this.#curves[i]![timestep]!)}`);
    return `${timestep}: ${values.join(', ')}`;
  }

  #legend(reading: number): TemplateResult {
    const { scheduler, timesteps } = this;
    return html`
      <ul part="legend">
        <li>t = ${reading}</li>
        ${this.#names.map(
          (name, index) => html`
            <li>
              <span class="swatch" .style=${`background: ${seriesColour(index)}`}></span>
              <bdi>${name} = ${shorten(this.#curves[index]![reading]!)}</bdi>
            </li>
          `,
        )}
        ${
          timesteps.length > 0
            ? html`<li>
                <span class="swatch ticks"></span>
                <bdi>
                  ${this.language.text('visited', { steps: timesteps.length, scheduler: scheduler ?? '' })}
                </bdi>
              </li>`
            : nothing
        }
      </ul>
    `;
  }

  #table(last: number): TemplateResult {
    const rows = Array.from({ length: ROWS + 1 }, (_, i) => Math.round((i * last) / ROWS));
    return html`
      <div class="unseen">
        <table>
          <thead>
            <tr>
              <th scope="col">${this.language.text('timestep')}</th>
              ${this.#names.map((name) => html`<th scope="col">${name}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${rows.map(
              (t) => html`
                <tr>
                  <th scope="row">${t}</th>
                  ${this.#curves.map((curve) => html`<td>${shorten(curve[t]!)}</td>`)}
                </tr>
              `,
            )}
          </tbody>
        </table>
      </div>
    `;
  }

  #read(timestep: number): void {
    if (timestep === this.timestep) return;
    this.timestep = timestep;
    this.report('input');
  }
}

/** Three digits, as people read them. */
function shorten(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(3))).replace('-', '−') : '−∞';
}

declare global {
  interface HTMLElementTagNameMap {
    'diffusion-schedule': DiffusionSchedule;
  }
}
