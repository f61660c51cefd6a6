import { html, nothing, type TemplateResult } from 'lit';
import type { LanguageController } from '../../controllers/language.js';

export interface PromptField {
  readonly language: LanguageController;
  readonly prompt: string | undefined;
  /** Whether the model reads prompts; undefined while that is not known. */
  readonly isRead: boolean | undefined;
  readonly onPrompt: (prompt: string | undefined) => void;
  readonly onEnter: () => void;
}

/** Where a prompt is written, where the model reads one. Enter draws; Shift and Enter begin a line. */
export function promptField({
  language,
  prompt,
  isRead = Boolean(prompt),
  onPrompt,
  onEnter,
}: PromptField): TemplateResult | typeof nothing {
  if (!isRead) return nothing;
  const change = ({ target }: Event) =>
    onPrompt((target as HTMLTextAreaElement).value.trim() || undefined);
  return html`
    <label class="prompt">
      <bdi>${language.text('prompt')}</bdi>
      <textarea
        rows="2"
        dir="auto"
        .value=${prompt ?? ''}
        placeholder=${language.text('promptHint')}
        @input=${(event: Event) => event.stopPropagation()}
        @change=${change}
        @keydown=${(event: KeyboardEvent) => {
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          change(event);
          onEnter();
        }}
      ></textarea>
    </label>
  `;
}
