import { html, nothing, type ReactiveControllerHost, type TemplateResult } from 'lit';
import { AttentionVeilController } from '../../controllers/attention-veil.js';
import type { LanguageController } from '../../controllers/language.js';
import type { SamplingController } from '../../controllers/sampling.js';

export interface AttentionParts {
  readonly language: LanguageController;
  readonly sampling: SamplingController;
}

/** The words of a prompt under its picture: each lights up what it drew while it is pointed at or focused, or was tapped. */
export class AttentionWords {
  readonly #veil: AttentionVeilController;
  #pointed: number | undefined;
  #chosen: number | undefined;

  constructor(
    readonly host: ReactiveControllerHost,
    readonly parts: AttentionParts,
  ) {
    this.#veil = new AttentionVeilController(host);
  }

  /** A new run begins. */
  begin(): void {
    this.#pointed = this.#chosen = undefined;
  }

  /** What lies over the pictures while a word is looked at. */
  veil(): TemplateResult | typeof nothing {
    const { attention = [], images = [] } = this.parts.sampling.result ?? {};
    const index = this.#pointed ?? this.#chosen;
    if (index === undefined || this.parts.sampling.busy || !attention[0]?.words[index]) {
      return nothing;
    }
    this.#veil.draw(images, attention, index);
    const { canvas } = this.#veil;
    canvas.className = 'veil';
    canvas.setAttribute('aria-hidden', 'true');
    return html`${canvas}`;
  }

  words(): TemplateResult | typeof nothing {
    const { language, sampling } = this.parts;
    const words = sampling.result?.attention?.[0]?.words ?? [];
    if (words.length === 0) return nothing;
    return html`
      <div class="words" part="words" role="group" dir="auto" aria-label=${language.text('words')}>
        ${words.map(
          ({ word }, index) => html`
            <button
              part="word"
              class="word"
              ?disabled=${sampling.busy}
              title=${language.text('wordDrew', { word })}
              aria-pressed=${this.#chosen === index}
              @pointerenter=${(event: PointerEvent) => {
                if (event.pointerType === 'mouse') this.#point(index);
              }}
              @pointerleave=${() => this.#point(undefined)}
              @focus=${() => this.#point(index)}
              @blur=${() => this.#point(undefined)}
              @click=${() => this.#choose(index)}
            >
              ${word}
            </button>
          `,
        )}
      </div>
    `;
  }

  #point(index: number | undefined): void {
    this.#pointed = index;
    this.host.requestUpdate();
  }

  /** A second tap takes the veil away. */
  #choose(index: number): void {
    this.#chosen = this.#chosen === index ? undefined : index;
    this.#pointed = undefined;
    this.host.requestUpdate();
  }
}
