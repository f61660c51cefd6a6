import { html, nothing, type TemplateResult } from 'lit';
import type { LanguageController } from '../../controllers/language.js';
import { icon } from '../base/icons.js';
import { maskPresets } from '../../pictures/mask-presets.js';

export interface InpaintToolbar {
  readonly language: LanguageController;
  readonly disabled: boolean;
  readonly busy: boolean;
  readonly readonly: boolean;
  readonly canFill: boolean;
  readonly canDownload: boolean;
  readonly capture: string;
  readonly maskPreset: string;
  /** Where a prompt is written; nothing for models that read none. */
  readonly promptBox: TemplateResult | typeof nothing;
  onPick(event: Event): void;
  onPreset(preset: string): void;
  onFill(): void;
  onStop(): void;
  onDownload(): void;
}

function openPicker({ currentTarget }: Event): void {
  (currentTarget as HTMLElement).parentElement!.querySelector('input')!.click();
}

/** The picture, the mask's preset, and what to do with them. */
export function inpaintToolbar(state: InpaintToolbar): TemplateResult {
  const { language } = state;
  const download = language.text('download');
  const run = state.busy
    ? html`<button part="button" class="primary" @click=${() => state.onStop()}>
        <bdi>${language.text('stop')}</bdi>
      </button>`
    : html`<button
        part="button"
        class="primary"
        ?disabled=${!state.canFill}
        @click=${() => state.onFill()}
      >
        <bdi>${language.text('fill')}</bdi>
      </button>`;
  return html`
    <fieldset
      class="toolbar"
      part="controls"
      ?disabled=${state.disabled}
      aria-label=${language.text('inpainting')}
    >
      ${state.promptBox} ${state.readonly ? nothing : [picturePicker(state), presetPicker(state)]}
      <div class="actions">
        ${run}
        <button
          part="button"
          title=${download}
          aria-label=${download}
          ?disabled=${!state.canDownload}
          @click=${() => state.onDownload()}
        >
          ${icon('download')}
        </button>
      </div>
    </fieldset>
  `;
}

function picturePicker({ language, capture, onPick }: InpaintToolbar): TemplateResult {
  return html`
    <label>
      <bdi>${language.text('source')}</bdi>
      <input
        type="file"
        accept="image/*"
        capture=${capture || nothing}
        @change=${(event: Event) => onPick(event)}
      />
      <button part="button" @click=${openPicker}><bdi>${language.text('choose')}</bdi></button>
    </label>
  `;
}

function presetPicker({ language, maskPreset, onPreset }: InpaintToolbar): TemplateResult {
  const preset = ({ target }: Event) => onPreset((target as HTMLSelectElement).value);
  const option = (value: string, text = value) =>
    html`<option value=${value} ?selected=${value === maskPreset}>${text}</option>`;
  return html`
    <label>
      <bdi>${language.text('mask')}</bdi>
      <select @change=${preset}>
        ${option('', language.text('painted'))} ${maskPresets.map((name) => option(name))}
      </select>
    </label>
  `;
}
