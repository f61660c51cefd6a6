import { html, nothing, type TemplateResult } from 'lit';

export interface Slider {
  readonly value: number;
  /** The last place; the first is 0. */
  readonly last: number;
  /** A name, where no label stands around it. */
  readonly name?: string;
  /** The value as people read it; the number itself by default. */
  readonly shown?: string;
  readonly disabled?: boolean;
  readonly onInput: (value: number) => void;
  readonly onChange?: () => void;
}

/** A slider over whole numbers. The element reports the person's input, once: the field's own event would be a second one. */
export function slider(options: Slider): TemplateResult {
  const { value, last, name, shown, disabled = false, onInput, onChange } = options;
  return html`
    <input
      type="range"
      min="0"
      max=${last}
      .value=${String(value)}
      aria-label=${name ?? nothing}
      aria-valuetext=${shown ?? nothing}
      ?disabled=${disabled}
      @input=${(event: Event) => {
        event.stopPropagation();
        onInput(Number((event.target as HTMLInputElement).value));
      }}
      @change=${() => onChange?.()}
    />
  `;
}
