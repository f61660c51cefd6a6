import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** A pause that lets several changes become one announcement, in ms. */
const PAUSE = 150;

/** The text of a polite live region: the latest message, not every one. */
export class AnnouncerController implements ReactiveController {
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** What the live region says now. */
  text = '';

  constructor(readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  announce(message: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.text = message;
      this.host.requestUpdate();
    }, PAUSE);
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer);
  }
}
