import type { LitElement } from 'lit';

/** `addEventListener` of an element whose events have these types. */
export interface TypedListeners<Events extends object> {
  addEventListener<K extends keyof Events & string>(
    type: K,
    listener: (event: Events[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<K extends keyof Events & string>(
    type: K,
    listener: (event: Events[K]) => unknown,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | EventListenerOptions,
  ): void;
}

/**
 * LitElement with the types of an element's events. TypeScript takes constructors of just this form for mixins, and puts both
 * instance types together.
 */
export type LitElementWith<Events extends object> =
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  (abstract new (...args: any[]) => TypedListeners<Events>) & typeof LitElement;
