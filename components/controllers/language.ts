import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { fill, stringsOf, type Strings } from '../strings/strings.js';

/** The element's language, as its `lang` attribute or that of what it stands in says. */
function languageOf(element: Element): string {
  for (let node: Element | null = element; node;) {
    const closest: Element | null = node.closest('[lang]');
    if (closest) return closest.getAttribute('lang')!;
    node = (node.getRootNode() as Partial<ShadowRoot>).host ?? null;
  }
  return '';
}

/** What the host says to people, in the language of the page around it. */
export class LanguageController implements ReactiveController {
  #observer: MutationObserver | undefined;

  constructor(
    readonly host: ReactiveControllerHost & Element,
    readonly overrides: () => Partial<Strings> | undefined,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    this.#observer = new MutationObserver(() => this.host.requestUpdate());
    for (const element of [this.host, this.host.ownerDocument.documentElement]) {
      this.#observer.observe(element, { attributeFilter: ['lang'] });
    }
    this.host.requestUpdate();
  }

  hostDisconnected(): void {
    this.#observer?.disconnect();
  }

  /** A text by what it is for, with values in place of the names in braces. */
  text(key: keyof Strings, values: Readonly<Record<string, string | number>> = {}): string {
    const text = this.overrides()?.[key] ?? stringsOf(languageOf(this.host))[key];
    return fill(text, values);
  }

  /** A number with one digit behind the point, as the language writes it. */
  decimal(value: number): string {
    const options = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
    try {
      return value.toLocaleString(languageOf(this.host) || undefined, options);
    } catch {
      return value.toFixed(1); // No language of that name.
    }
  }
}
