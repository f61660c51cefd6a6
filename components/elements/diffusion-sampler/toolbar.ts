import { html, nothing, type TemplateResult } from 'lit';
import type { LanguageController } from '../../controllers/language.js';
import type { ModelDescription } from '../../worker/protocol.js';
import { icon } from '../base/icons.js';

export interface Toolbar {
  readonly language: LanguageController;
  /** Undefined until the model is known. */
  readonly description: ModelDescription | undefined;
  readonly busy: boolean;
  readonly disabled: boolean;
  /** Whether there are pictures to save. */
  readonly isDone: boolean;
  readonly label: string | undefined;
  /** Where a prompt is written; nothing for models that read none. */
  readonly promptBox: TemplateResult | typeof nothing;
  readonly steps: number | undefined;
  readonly seed: number | bigint | string | undefined;
  readonly lastSeed: number | bigint | string | undefined;
  readonly onGenerate: () => void;
  readonly onStop: () => void;
  readonly onDownload: () => void;
  readonly onLabel: (label: string | undefined) => void;
  readonly onText: (attribute: 'steps' | 'seed', text: string) => void;
}

const textOf = ({ target }: Event) => (target as HTMLInputElement | HTMLSelectElement).value;

/** Class, steps and seed, and what draws, stops and saves. */
export function toolbar(options: Toolbar): TemplateResult {
  const { language, busy, disabled, isDone } = options;
  const [name, act] = busy
    ? (['stop', options.onStop] as const)
    : (['generate', options.onGenerate] as const);
  const download = language.text('download');
  return html`
    <fieldset
      class="toolbar"
      part="controls"
      ?disabled=${disabled}
      aria-label=${language.text('drawing')}
    >
      ${options.promptBox} ${classPicker(options)} ${stepsField(options)} ${seedField(options)}
      <div class="actions">
        <button part="button" class="primary" @click=${act}>
          <bdi>${language.text(name)}</bdi>
        </button>
        <button
          part="button"
          title=${download}
          aria-label=${download}
          ?disabled=${!isDone}
          @click=${options.onDownload}
        >
          ${icon('download')}
        </button>
      </div>
    </fieldset>
  `;
}

/** Its place is kept until it is known which classes the model has, or that it has none. */
function classPicker(options: Toolbar): TemplateResult | typeof nothing {
  const { language, description, label, onLabel } = options;
  const chosen = label ?? '';
  const labels = description?.labels ?? (chosen ? [chosen] : []);
  if (description ? labels.length === 0 : options.promptBox !== nothing) return nothing;
  return html`
    <label>
      <bdi>${language.text('label')}</bdi>
      <select
        ?disabled=${!description}
        @change=${(event: Event) => onLabel(textOf(event) || undefined)}
      >
        <option value="" ?selected=${chosen === ''}>${language.text('anyLabel')}</option>
        ${labels.map(
          (each) => html`<option ?selected=${each === chosen} value=${each}>${each}</option>`,
        )}
      </select>
    </label>
  `;
}

function stepsField({ language, description, steps, onText }: Toolbar): TemplateResult {
  return html`
    <label>
      <bdi>${language.text('steps')}</bdi>
      <input
        type="number"
        min="1"
        max=${description?.trainSteps ?? 1000}
        placeholder=${description?.defaultSteps ?? ''}
        .value=${Number.isFinite(Number(steps)) ? String(steps) : ''}
        @change=${(event: Event) => onText('steps', textOf(event))}
      />
    </label>
  `;
}

function seedField({ language, seed, lastSeed, onText }: Toolbar): TemplateResult {
  return html`
    <label class="seed">
      <bdi>${language.text('seed')}</bdi>
      <input
        type="text"
        dir="ltr"
        inputmode="numeric"
        placeholder=${lastSeed?.toString() ?? language.text('randomSeed')}
        .value=${seed?.toString() ?? ''}
        @change=${(event: Event) => onText('seed', textOf(event))}
      />
    </label>
  `;
}
