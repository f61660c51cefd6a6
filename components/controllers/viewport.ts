import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** How far from the viewport counts as near. */
const MARGIN = '200px';

/** Tells, once each time the element is connected, when it comes near the viewport. */
export class ViewportController implements ReactiveController {
  #observer: IntersectionObserver | undefined;
  /** Whether the element has come near since it was connected. */
  near = false;

  constructor(
    readonly host: ReactiveControllerHost & Element,
    readonly onNear: () => void,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    this.#observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
        this.#observer?.disconnect();
        this.near = true;
        this.onNear();
      },
      { rootMargin: MARGIN },
    );
    this.#observer.observe(this.host);
  }

  hostDisconnected(): void {
    this.#observer?.disconnect();
    this.#observer = undefined;
    this.near = false;
  }
}
