import { html, nothing, type TemplateResult } from 'lit';
import type { LanguageController } from '../../controllers/language.js';
import type { ModelDescription } from '../../worker/protocol.js';
import { icon } from './icons.js';

export interface PromptField {
  readonly language: LanguageController;
  readonly prompt: string | undefined;
  /** A style that is named at the prompt's end. */
  readonly style: string;
  /** Undefined until the model is known. */
  readonly description: ModelDescription | undefined;
  /** Told of what is being typed, too. */
  readonly onPrompt: (prompt: string, isTyping?: boolean) => void;
  readonly onStyle: (style: string) => void;
  readonly onDraw: () => void;
}

/** Where a prompt is written, where the model reads one. Enter draws; Shift and Enter begin a line. */
export function promptField(field: PromptField): TemplateResult | typeof nothing {
  const { language, prompt, description, onPrompt, onDraw } = field;
  if (!(description?.takesPrompt ?? prompt !== undefined)) return nothing;
  const textOf = ({ target }: Event) => (target as HTMLTextAreaElement).value;
  const change = (event: Event) => onPrompt(textOf(event).trim());
  // As it stands: spaces that are taken away would move the cursor.
  const type = (event: Event) => {
    event.stopPropagation();
    if (!(event as InputEvent).isComposing) onPrompt(textOf(event), true);
  };
  return html`
    <div class="prompt">
      <label>
        <bdi>${language.text('prompt')}</bdi>
        <textarea
          rows="2"
          dir="auto"
          enterkeyhint="go"
          .value=${prompt ?? ''}
          placeholder=${language.text('promptHint')}
          @input=${type}
          @compositionend=${type}
          @change=${change}
          @keydown=${(event: KeyboardEvent) => {
            if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            change(event);
            onDraw();
          }}
        ></textarea>
      </label>
      ${dice(field)}
    </div>
    ${stylePicker(field)}
  `;
}

/** A prompt to begin with, another one than there is. */
function dice(field: PromptField): TemplateResult | typeof nothing {
  const { language, prompt, description, onPrompt, onDraw } = field;
  const others = description?.promptSuggestions.filter((each) => each !== prompt) ?? [];
  if (others.length === 0) return nothing;
  const title = language.text('suggest');
  const roll = () => {
    onPrompt(others[Math.floor(Math.random() * others.length)]!);
    onDraw();
  };
  return html`
    <button part="button" title=${title} aria-label=${title} @click=${roll}>${icon('dice')}</button>
  `;
}

/** Until it is known which styles there are, its place is kept. */
function stylePicker(field: PromptField): TemplateResult | typeof nothing {
  const { language, style, description, onStyle } = field;
  const known = description?.promptStyles ?? [];
  if (description && known.length === 0) return nothing;
  const styles = style && !known.includes(style) ? [style, ...known] : known;
  return html`
    <label>
      <bdi>${language.text('style')}</bdi>
      <select
        ?disabled=${!description}
        @change=${({ target }: Event) => onStyle((target as HTMLSelectElement).value)}
      >
        <option value="" ?selected=${style === ''}>${language.text('anyStyle')}</option>
        ${styles.map(
          (each) => html`<option ?selected=${each === style} value=${each}>${each}</option>`,
        )}
      </select>
    </label>
  `;
}
