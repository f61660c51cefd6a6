import { html, type TemplateResult } from 'lit';
import type { MaskTool } from '../../controllers/mask-canvas.js';

const tools: readonly MaskTool[] = ['brush', 'eraser', 'rectangle'];

export interface MaskToolbar {
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
  onUndo(): void;
  onRedo(): void;
  onInvert(): void;
  onClear(): void;
  onWholePicture(): void;
  onSave(): void;
  onOpen(event: Event): void;
}

const valueOf = ({ target }: Event) => Number((target as HTMLInputElement).value);

function openFile({ currentTarget }: Event): void {
  (currentTarget as HTMLElement).parentElement!.querySelector('input')!.click();
}

/** The buttons and sliders of the mask painter. */
export function maskToolbar(state: MaskToolbar): TemplateResult {
  const button = (text: string, action: () => void, disabled = false) =>
    html`<button part="button" ?disabled=${disabled} @click=${action}>${text}</button>`;
  const chosen = (tool: MaskTool) => html`
    <button part="button" aria-pressed=${state.tool === tool} @click=${() => state.onTool(tool)}>
      ${tool[0]!.toUpperCase()}${tool.slice(1)}
    </button>
  `;
  const slider = (
    text: string,
    max: number,
    value: number,
    change: (value: number) => void,
  ) => html`
    <label>
      ${text}
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
    <div class="toolbar" part="controls" role="group" aria-label="Mask">
      ${tools.map(chosen)}
      ${slider('Size', 60, state.size, (size) => state.onSize(Math.max(1, size)))}
      ${slider('Feather', 100, 100 * state.feather, (share) => state.onFeather(share / 100))}
      ${button('Undo', () => state.onUndo(), !state.canUndo)}
      ${button('Redo', () => state.onRedo(), !state.canRedo)}
      ${button('Invert', () => state.onInvert())}
      ${button('Clear', () => state.onClear(), state.isEmpty)}
      ${button('Whole picture', () => state.onWholePicture(), !state.isZoomed)}
      ${button('Save mask', () => state.onSave(), state.isEmpty)}
      <span class="open">
        <input
          type="file"
          accept="image/*"
          aria-label="Open a mask"
          @change=${(event: Event) => state.onOpen(event)}
        />
        <button part="button" tabindex="-1" aria-hidden="true" @click=${openFile}>
          Open mask…
        </button>
      </span>
    </div>
  `;
}
