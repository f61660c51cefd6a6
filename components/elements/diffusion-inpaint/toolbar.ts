import { html, nothing, type TemplateResult } from 'lit';
import { maskPresets } from '../../pictures/mask-presets.js';

export interface InpaintToolbar {
  readonly busy: boolean;
  readonly readonly: boolean;
  readonly canFill: boolean;
  readonly canDownload: boolean;
  readonly capture: string;
  readonly maskPreset: string;
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
  const preset = ({ target }: Event) => state.onPreset((target as HTMLSelectElement).value);
  const option = (value: string, text = value) =>
    html`<option value=${value} ?selected=${value === state.maskPreset}>${text}</option>`;
  return html`
    <div class="toolbar" part="controls" role="group" aria-label="Inpainting">
      <label>
        Picture
        <input
          type="file"
          accept="image/*"
          capture=${state.capture || nothing}
          ?disabled=${state.readonly}
          @change=${(event: Event) => state.onPick(event)}
        />
        <button part="button" ?disabled=${state.readonly} @click=${openPicker}>Choose…</button>
      </label>
      <label>
        Mask
        <select ?disabled=${state.readonly} @change=${preset}>
          ${option('', 'painted')} ${maskPresets.map((name) => option(name))}
        </select>
      </label>
      ${
        state.busy
          ? html`<button part="button" class="primary" @click=${() => state.onStop()}>Stop</button>`
          : html`<button
              part="button"
              class="primary"
              ?disabled=${!state.canFill}
              @click=${() => state.onFill()}
            >
              Fill
            </button>`
      }
      <button part="button" ?disabled=${!state.canDownload} @click=${() => state.onDownload()}>
        Download
      </button>
    </div>
  `;
}
