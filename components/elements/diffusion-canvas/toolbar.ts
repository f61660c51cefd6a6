import { html, nothing, type TemplateResult } from 'lit';
import type { LanguageController } from '../../controllers/language.js';
import { icon, type Icon } from '../base/icons.js';
import { slider } from '../base/slider.js';

export type CanvasCommand = 'undo' | 'redo' | 'clear';

export interface CanvasToolbar {
  readonly language: LanguageController;
  readonly disabled: boolean;
  /** Undefined until it is known which there are: the place of the field is kept. */
  readonly labels: readonly string[] | undefined;
  readonly label: string | undefined;
  /** The field for the prompt, or nothing. */
  readonly promptBox: unknown;
  readonly isErasing: boolean;
  /** Undefined for models of grey pictures. */
  readonly colour: string | undefined;
  /** In hundredths. */
  readonly size: number;
  readonly strength: number;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  readonly isEmpty: boolean;
  readonly hasCamera: boolean;
  readonly isCameraOn: boolean;
  readonly canDownload: boolean;
  onLabel(label: string): void;
  onErase(isErasing: boolean): void;
  onColour(colour: string): void;
  onSize(size: number): void;
  onStrength(strength: number, isLast: boolean): void;
  onCommand(command: CanvasCommand): void;
  onPick(event: Event): void;
  onCamera(): void;
  onDownload(): void;
}

const textOf = ({ target }: Event) => (target as HTMLInputElement | HTMLSelectElement).value;

function openPicker({ currentTarget }: Event): void {
  (currentTarget as HTMLElement).parentElement!.querySelector('input')!.click();
}

/** What one draws, with what, and how closely the picture follows it. */
export function canvasToolbar(state: CanvasToolbar): TemplateResult {
  const { language, disabled, labels, label, colour, size, strength } = state;
  const button = (
    name: Icon,
    text: string,
    act: () => void,
    more: Partial<ButtonState> = {},
  ) => html`
    <button
      part="button"
      title=${text}
      aria-label=${text}
      aria-pressed=${more.pressed ?? nothing}
      ?disabled=${more.disabled ?? false}
      @click=${act}
    >
      ${icon(name)}
    </button>
  `;
  const command = (name: CanvasCommand, isDisabled: boolean) =>
    button(name, language.text(name), () => state.onCommand(name), { disabled: isDisabled });
  return html`
    <fieldset
      class="toolbar"
      part="controls"
      ?disabled=${disabled}
      aria-label=${language.text('drawing')}
    >
      ${state.promptBox}
      ${
        labels?.length === 0 || (!labels && state.promptBox !== nothing)
          ? nothing
          : html`<label>
              <bdi>${language.text('label')}</bdi>
              <select
                ?disabled=${!labels}
                @change=${(event: Event) => state.onLabel(textOf(event))}
              >
                <option value="" ?selected=${!label}>${language.text('anyLabel')}</option>
                ${(labels ?? (label ? [label] : [])).map(
                  (each) =>
                    html`<option ?selected=${each === label} value=${each}>${each}</option>`,
                )}
              </select>
            </label>`
      }
      <label>
        <bdi>${language.text('size')}</bdi>
        ${slider({ value: size, last: 40, onInput: (value) => state.onSize(Math.max(1, value)) })}
      </label>
      <label>
        <bdi>${language.text('strength')}</bdi>
        ${slider({
          value: Math.round(100 * strength),
          last: 100,
          shown: `${Math.round(100 * strength)} %`,
          onInput: (value) => state.onStrength(value / 100, false),
          onChange: () => state.onStrength(strength, true),
        })}
      </label>
      ${
        colour === undefined
          ? nothing
          : html`<label>
              <bdi>${language.text('colour')}</bdi>
              <input
                type="color"
                .value=${colour}
                @input=${(event: Event) => state.onColour(textOf(event))}
              />
            </label>`
      }
      <div class="actions">
        ${button('eraser', language.text('eraser'), () => state.onErase(!state.isErasing), {
          pressed: state.isErasing,
        })}
        ${command('undo', !state.canUndo)} ${command('redo', !state.canRedo)}
        ${command('clear', state.isEmpty)}
        <span>
          <input
            hidden
            type="file"
            accept="image/*"
            @change=${(event: Event) => state.onPick(event)}
          />
          <button part="button" @click=${openPicker}><bdi>${language.text('choose')}</bdi></button>
        </span>
        ${
          state.hasCamera
            ? button(
                'camera',
                language.text(state.isCameraOn ? 'cameraOff' : 'camera'),
                state.onCamera,
                {
                  pressed: state.isCameraOn,
                },
              )
            : nothing
        }
        ${button('download', language.text('download'), state.onDownload, {
          disabled: !state.canDownload,
        })}
      </div>
    </fieldset>
  `;
}

interface ButtonState {
  readonly pressed: boolean;
  readonly disabled: boolean;
}
