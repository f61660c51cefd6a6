import { html, nothing, type TemplateResult } from 'lit';
import type { LanguageController } from '../../controllers/language.js';
import type { ResultController } from '../../controllers/result.js';

/** The room that a result will take. */
const place = html`<div class="comparison place"></div>`;

/** A result with a slider that shows what was there before, and buttons where there are several. */
export function comparison(
  language: LanguageController,
  result: ResultController,
  alt: string,
  isToCome: boolean,
): TemplateResult | typeof nothing {
  const { before, after, split } = result;
  if (!after) return isToCome ? place : nothing;
  after.setAttribute('part', 'canvas');
  after.setAttribute('role', 'img');
  after.setAttribute('aria-label', alt || language.text('filled'));
  return html`
    <div class="comparison" .style=${`--split:${split}%`}>
      ${after} ${before ? html`<div class="before">${before}</div>` : nothing}
    </div>
    ${before ? slider(language.text('compare'), result) : nothing}
    ${result.count > 1 ? choices(language.text('results'), result) : nothing}
  `;
}

function slider(label: string, result: ResultController): TemplateResult {
  const slide = ({ target }: Event) => (result.split = Number((target as HTMLInputElement).value));
  return html`
    <label class="split">
      <bdi>${label}</bdi>
      <input type="range" min="0" max="100" .value=${String(result.split)} @input=${slide} />
    </label>
  `;
}

function choices(label: string, result: ResultController): TemplateResult {
  const button = (index: number) => html`
    <button
      part="button"
      aria-pressed=${index === result.chosen}
      @click=${() => (result.chosen = index)}
    >
      ${index + 1}
    </button>
  `;
  return html`
    <div class="choices" role="group" aria-label=${label}>
      ${Array.from({ length: result.count }, (_, index) => button(index))}
    </div>
  `;
}
