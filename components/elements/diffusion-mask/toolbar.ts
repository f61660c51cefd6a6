import { html, type TemplateResult } from 'lit';
import type { LanguageController } from '../../controllers/language.js';
import type { MaskTool } from '../../controllers/mask-canvas.js';
import { icon } from '../base/icons.js';

const tools: readonly MaskTool[] = ['brush', 'eraser', 'rectangle'];

/** What changes the whole mask. */
export type MaskCommand = 'undo' | 'redo' | 'invert' | 'clear';

export interface MaskToolbar {
  readonly language: LanguageController;
  readonly disabled: boolean;
  readonly tool: MaskTool;
  readonly size: number;
  readonly feather: number;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  readonly isEmpty: boolean;
  readonly isZoomed: boolean;
  onTool(tool: MaskTool): void;
  onSize(size: number): void;
  onFeather(feather: number): void;
  onCommand(command: MaskCommand): void;
  onWholePicture(): void;
  onSave(): void;
  onOpen(event: Event): void;
}

const valueOf = ({ target }: Event) => Number((target as HTMLInputElement).value);

function openFile({ currentTarget }: Event): void {
  (currentTarget as HTMLElement).parentElement!.querySelector('input')!.click();
}

/** The menu closes when the focus leaves it, and on Escape. */
function closeMenu(event: FocusEvent | KeyboardEvent): void {
  const menu = event.currentTarget as HTMLDetailsElement;
  if (event instanceof KeyboardEvent && event.key !== 'Escape') return;
  if (event instanceof FocusEvent && menu.contains(event.relatedTarget as Node | null)) return;
  menu.open = false;
}

/** The buttons and sliders of the mask painter: tools and changes in one row, sliders in another. */
export function maskToolbar(state: MaskToolbar): TemplateResult {
  const { language } = state;
  const action = (name: MaskCommand, disabled = false) => html`
    <button
      part="button"
      title=${language.text(name)}
      aria-label=${language.text(name)}
      ?disabled=${disabled}
      @click=${() => state.onCommand(name)}
    >
      ${icon(name)}
    </button>
  `;
  const chosen = (tool: MaskTool) => html`
    <button
      part="button"
      title=${language.text(tool)}
      aria-label=${language.text(tool)}
      aria-pressed=${state.tool === tool}
      @click=${() => state.onTool(tool)}
    >
      ${icon(tool)}
    </button>
  `;
  const slider = (
    name: 'size' | 'feather',
    max: number,
    value: number,
    change: (value: number) => void,
  ) => html`
    <label>
      <bdi>${language.text(name)}</bdi>
      <input
        type="range"
        min="0"
        max=${max}
        .value=${String(value)}
        @input=${(event: Event) => change(valueOf(event))}
      />
    </label>
  `;
  return html`
    <fieldset part="controls" ?disabled=${state.disabled} aria-label=${language.text('mask')}>
      <div class="tools">
        ${tools.map(chosen)}
        <span class="gap"></span>
        ${action('undo', !state.canUndo)} ${action('redo', !state.canRedo)} ${action('invert')}
        ${action('clear', state.isEmpty)} ${menu(state)}
      </div>
      <div class="sliders">
        ${slider('size', 60, state.size, (size) => state.onSize(Math.max(1, size)))}
        ${slider('feather', 100, 100 * state.feather, (share) => state.onFeather(share / 100))}
      </div>
    </fieldset>
  `;
}

/** What is needed now and then. */
function menu(state: MaskToolbar): TemplateResult {
  const { language } = state;
  const item = (name: 'wholePicture' | 'saveMask', run: () => void, disabled: boolean) =>
    html`<button part="button" ?disabled=${disabled} @click=${run}>
      <bdi>${language.text(name)}</bdi>
    </button>`;
  return html`
    <details @focusout=${closeMenu} @keydown=${closeMenu}>
      <summary title=${language.text('more')} aria-label=${language.text('more')}>
        ${icon('more')}
      </summary>
      <div class="menu">
        ${item('wholePicture', () => state.onWholePicture(), !state.isZoomed)}
        ${item('saveMask', () => state.onSave(), state.isEmpty)}
        <span class="open">
          <input
            type="file"
            accept="image/*"
            aria-label=${language.text('openMask')}
            @change=${(event: Event) => state.onOpen(event)}
          />
          <button part="button" tabindex="-1" aria-hidden="true" @click=${openFile}>
            <bdi>${language.text('openMask')}</bdi>
          </button>
        </span>
      </div>
    </details>
  `;
}
