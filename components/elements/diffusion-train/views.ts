import { html, nothing, svg, type TemplateResult } from 'lit';
import type { LanguageController } from '../../controllers/language.js';
import type { IterationDetail } from '../../training/training-options.js';

const WIDTH = 300;
const HEIGHT = 100;
/** The loss of a network that predicts no noise at all is 1. */
const HIGHEST = 1.1;

/** The loss over the iterations. */
export function lossPlot(losses: readonly number[], language: LanguageController): TemplateResult {
  const points = losses.map((loss, i) => {
    const x = (i / Math.max(1, losses.length - 1)) * WIDTH;
    return `${x.toFixed(1)},${(HEIGHT * (1 - Math.min(loss, HIGHEST) / HIGHEST)).toFixed(1)}`;
  });
  return html`
    <svg
      class="loss"
      part="loss"
      viewBox="0 0 ${WIDTH} ${HEIGHT}"
      preserveAspectRatio="none"
      role="img"
      aria-label=${language.text('lossPlot')}
    >
      ${svg`<polyline points=${points.join(' ')} fill="none" stroke="currentColor" stroke-width="1.5"
        vector-effect="non-scaling-stroke" />`}
    </svg>
  `;
}

const pair = (values: Float32Array, row: number) =>
  `${values[2 * row]!.toFixed(2)}, ${values[2 * row + 1]!.toFixed(2)}`;

/** What the last iteration did with its first points, in the algorithm's own letters. */
export function batchTable(
  detail: IterationDetail | undefined,
  rows: number,
  language: LanguageController,
): TemplateResult {
  const indices = Array.from({ length: rows }, (_, row) => row);
  const has = (row: number): boolean => detail !== undefined && row < detail.timesteps.length;
  const cell = (row: number, values: Float32Array | undefined) =>
    html`<td>${values && has(row) ? pair(values, row) : '–'}</td>`;
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label=${language.text('batchTable')}>
      <table dir="ltr">
        <thead>
          <tr>
            ${['x₀', 't', 'ε', 'xₜ', 'ε̂'].map((name) => html`<th scope="col">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${indices.map(
            (row) => html`
              <tr>
                ${cell(row, detail?.original)}
                <td>${has(row) ? detail!.timesteps[row] : '–'}</td>
                ${cell(row, detail?.noise)} ${cell(row, detail?.noised)}
                ${cell(row, detail?.predicted)}
              </tr>
            `,
          )}
        </tbody>
      </table>
    </div>
  `;
}

/** A field that chooses among values; one that is none of them is there too. */
export function choice<T extends string | number>(
  label: string,
  values: readonly T[],
  chosen: T,
  onChoose: (value: T) => void,
  nameOf: (value: T) => string = String,
): TemplateResult {
  const shown = values.includes(chosen) ? values : [chosen, ...values];
  return html`
    <label>
      <bdi>${label}</bdi>
      <select
        @change=${({ target }: Event) => onChoose(shown[(target as HTMLSelectElement).selectedIndex]!)}
      >
        ${shown.map(
          (value) => html`<option ?selected=${value === chosen}>${nameOf(value)}</option>`,
        )}
      </select>
    </label>
  `;
}

export const hint = (text: string, isShown: boolean) =>
  isShown ? html`<p class="hint"><bdi>${text}</bdi></p>` : nothing;
