import { LitElement, nothing, html, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import { AnnouncerController } from '../../controllers/announcer.js';
import { LanguageController } from '../../controllers/language.js';
import { ViewportController } from '../../controllers/viewport.js';
import { isAbortError, type ElementError } from '../../errors.js';
import type { Strings } from '../../strings/strings.js';
import { DiffusionErrorEvent, type DiffusionFigureEvents } from '../events.js';
import type { LitElementWith } from './typed-listeners.js';

/** What elements share that explain something and draw with no model: texts, failures, and when to begin. */
export abstract class FigureElement extends (LitElement as LitElementWith<DiffusionFigureEvents>) {
  /** `lazy` (the default) begins when the element is near the viewport, `eager` does not wait. */
  @property() loading = 'lazy';
  /** A text for those who can't see the figure. */
  @property() alt = '';
  /** Texts in place of the element's own, by what they are for; the language is that of the page. */
  @property({ attribute: false }) strings?: Partial<Strings>;

  protected readonly language = new LanguageController(this, () => this.strings);
  protected readonly announcer = new AnnouncerController(this);
  readonly #viewport = new ViewportController(this, () => this.requestUpdate());
  #error: ElementError | undefined;

  /** Why the figure shows nothing; undefined where it does. */
  get error(): ElementError | undefined {
    return this.#error;
  }

  /** Whether it is time to draw. */
  protected get begun(): boolean {
    return this.loading === 'eager' || this.#viewport.near;
  }

  /** Shows why something could not be done, and says so once. */
  protected fail(error: unknown): void {
    if (isAbortError(error)) return;
    const failure = error as ElementError;
    if (this.#error?.message === failure.message) return;
    this.#error = failure;
    this.announcer.announce(failure.message);
    this.dispatchEvent(new DiffusionErrorEvent(failure));
    this.requestUpdate();
  }

  /** What was wrong is mended. */
  protected mend(): void {
    if (!this.#error) return;
    this.#error = undefined;
    this.requestUpdate();
  }

  /** Calls the function; where it throws, the element shows why, and the result is undefined. */
  protected attempt<T>(task: () => T): T | undefined {
    try {
      const value = task();
      this.mend();
      return value;
    } catch (error) {
      this.fail(error);
      return undefined;
    }
  }

  /** An event that reports a person. */
  protected report(type: 'input' | 'change'): void {
    this.dispatchEvent(new Event(type, { bubbles: true }));
  }

  /** The sentence that says what went wrong, and the live region. */
  protected notices(): TemplateResult {
    return html`
      ${this.#error ? html`<p class="error" part="error">${this.#error.message}</p>` : nothing}
      <div class="announcer" role="status">${this.announcer.text}</div>
    `;
  }
}
