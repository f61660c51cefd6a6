import { html, nothing, type TemplateResult } from 'lit';

export interface Comparison {
  /** The picture as it was; nothing until a run is done. */
  readonly before: HTMLCanvasElement | undefined;
  readonly after: HTMLCanvasElement;
  readonly alt: string;
  readonly label: string;
  /** How much of the picture before is shown, 0 to 100. */
  readonly split: number;
  onSplit(split: number): void;
}

/** A result, and the slider that shows what was there before. */
export function comparison({
  before,
  after,
  alt,
  label,
  split,
  onSplit,
}: Comparison): TemplateResult {
  after.setAttribute('part', 'canvas');
  after.setAttribute('role', 'img');
  after.setAttribute('aria-label', alt);
  const slide = ({ target }: Event) => onSplit(Number((target as HTMLInputElement).value));
  return html`
    <div class="comparison" .style=${`--split:${split}%`}>
      ${after} ${before ? html`<div class="before">${before}</div>` : nothing}
    </div>
    ${
      before
        ? html`<label class="split">
            <bdi>${label}</bdi>
            <input type="range" min="0" max="100" .value=${String(split)} @input=${slide} />
          </label>`
        : nothing
    }
  `;
}

export interface Choices {
  readonly label: string;
  readonly count: number;
  readonly chosen: number;
  onChoose(index: number): void;
}

/** Buttons for several results. */
export function choices({
  label,
  count,
  chosen,
  onChoose,
}: Choices): TemplateResult | typeof nothing {
  if (count < 2) return nothing;
  return html`
    <div class="choices" role="group" aria-label=${label}>
      ${Array.from(
        { length: count },
        (_, i) => html`
          <button part="button" aria-pressed=${i === chosen} @click=${() => onChoose(i)}>
            ${i + 1}
          </button>
        `,
      )}
    </div>
  `;
}
