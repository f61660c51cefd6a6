import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** The host's width in CSS pixels, so that a figure is drawn at the size at which it is seen. */
export class WidthController implements ReactiveController {
  readonly #observer: ResizeObserver;
  width: number;

  constructor(
    readonly host: ReactiveControllerHost & Element,
    width: number,
  ) {
    host.addController(this);
    this.width = width;
    this.#observer = new ResizeObserver(([entry]) => {
      const seen = Math.round(entry!.contentRect.width);
      if (seen === 0 || seen === this.width) return;
      this.width = seen;
      host.requestUpdate();
    });
  }

  hostConnected(): void {
    this.#observer.observe(this.host);
  }

  hostDisconnected(): void {
    this.#observer.disconnect();
  }
}
