import { html, nothing, type TemplateResult } from 'lit';
import type { LanguageController } from '../../controllers/language.js';
import type { SeedPadController } from '../../controllers/seed-pad.js';
import { slider } from '../base/slider.js';

const percent = (share: number) => Math.round(100 * share);

export interface SeedPad {
  readonly language: LanguageController;
  readonly pad: SeedPadController;
  readonly disabled: boolean;
}

/** A surface between four seeds. */
export function seedPad({ language, pad, disabled }: SeedPad): TemplateResult {
  const [x, y] = pad.place.map(percent) as [number, number];
  return html`
    <div
      class="pad"
      part="pad"
      role="slider"
      tabindex=${disabled ? nothing : 0}
      aria-disabled=${disabled}
      aria-label=${language.text('seedPad')}
      aria-valuemin="0"
      aria-valuemax="100"
      aria-valuenow=${x}
      aria-valuetext=${language.text('seedPadPlace', { across: x, down: y })}
      @pointerdown=${disabled ? nothing : pad.onPointerDown}
      @pointermove=${pad.onPointerMove}
      @pointerup=${pad.onPointerUp}
      @pointercancel=${pad.onPointerUp}
      @keydown=${disabled ? nothing : pad.onKeyDown}
    >
      <div class="knob" .style=${`left:${x}%;top:${y}%`}></div>
    </div>
  `;
}

export interface LabelBlend {
  readonly language: LanguageController;
  readonly labels: readonly string[];
  /** The second class, and how far it is to it from the first, 0 to 1. */
  readonly to: string;
  readonly share: number;
  readonly disabled: boolean;
  readonly onBlend: (to: string, share: number, isLast: boolean) => void;
}

/** A slider from the chosen class to a second one. */
export function labelBlend(options: LabelBlend): TemplateResult {
  const { language, labels, to, share, disabled, onBlend } = options;
  const value = percent(share);
  return html`
    <label class="blend">
      <bdi>${language.text('blend')}</bdi>
      <select
        ?disabled=${disabled}
        @change=${(event: Event) => {
          event.stopPropagation();
          onBlend((event.target as HTMLSelectElement).value, share, true);
        }}
      >
        ${labels.map(
          (each) => html`<option ?selected=${each === to} value=${each}>${each}</option>`,
        )}
      </select>
    </label>
    ${slider({
      value,
      last: 100,
      name: language.text('blend'),
      shown: language.text('blendPlace', { to, share: value }),
      disabled,
      onInput: (next) => onBlend(to, next / 100, false),
      onChange: () => onBlend(to, share, true),
    })}
  `;
}
