import { html, nothing, type ReactiveControllerHost, type TemplateResult } from 'lit';
import { AttentionVeilController } from '../../controllers/attention-veil.js';
import type { LanguageController } from '../../controllers/language.js';
import type { SamplingController } from '../../controllers/sampling.js';
import { wordsOf } from '../../pictures/words.js';

export interface AttentionParts {
  readonly language: LanguageController;
  readonly sampling: SamplingController;
  /** The prompt as the next run will be told it. */
  prompt(): string;
  /** What is being typed is not to move about as its words come and go. */
  isOneLine(): boolean;
}

/** The words of a prompt under its picture: each lights up what it drew while it is pointed at or focused, or was tapped. */
export class AttentionWords {
  readonly #veil: AttentionVeilController;
  #pointed: number | undefined;
  #chosen: number | undefined;
  /** The words of the run under way. */
  #running: readonly string[] = [];

  constructor(
    readonly host: ReactiveControllerHost,
    readonly parts: AttentionParts,
  ) {
    this.#veil = new AttentionVeilController(host);
  }

  /** A new run begins. */
  begin(): void {
    this.#running = this.#asked;
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

  /** Before there is a picture they stand there too, so that nothing moves when it comes. */
  words(): TemplateResult | typeof nothing {
    const { language, sampling, isOneLine } = this.parts;
    const known = sampling.result?.attention?.[0]?.words.map(({ word }) => word);
    const words = sampling.busy ? this.#running : (known ?? this.#asked);
    if (words.length === 0) return nothing;
    return html`
      <div
        class=${isOneLine() ? 'words line' : 'words'}
        part="words"
        role="group"
        dir="auto"
        aria-label=${language.text('words')}
        @keydown=${({ key }: KeyboardEvent) => {
          if (key === 'Escape') this.begin();
          this.host.requestUpdate();
        }}
      >
        ${words.map(
          (word, index) => html`
            <button
              part="word"
              class="word"
              ?disabled=${sampling.busy || !known}
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

  get #asked(): readonly string[] {
    return wordsOf(this.parts.prompt()).map(({ text }) => text);
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
