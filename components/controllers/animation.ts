import type { ReactiveController, ReactiveControllerHost } from 'lit';

export interface AnimationOptions {
  /** Milliseconds from the first frame to the last. */
  duration(): number;
  /** Begins anew at the end. */
  loop(): boolean;
  /** The place has changed, from 0 to 1. */
  onPlace(place: number): void;
}

/** Whether the person asked their system for less motion. */
export function prefersLessMotion(): boolean {
  return globalThis.matchMedia?.('(prefers-reduced-motion: reduce)').matches ?? false;
}

/** A playhead that moves from 0 to 1 while it plays; it rests while the element is away from the document. */
export class AnimationController implements ReactiveController {
  #frame = 0;
  #last = 0;
  #place = 0;

  constructor(
    readonly host: ReactiveControllerHost,
    readonly options: AnimationOptions,
  ) {
    host.addController(this);
  }

  get playing(): boolean {
    return this.#frame !== 0;
  }

  get place(): number {
    return this.#place;
  }

  /** Moves the playhead, without an `onPlace`. */
  seek(place: number): void {
    this.#place = Math.min(1, Math.max(0, place));
  }

  play(): void {
    if (this.playing) return;
    if (this.#place >= 1) this.#place = 0;
    this.#last = performance.now();
    this.#frame = requestAnimationFrame(this.#tick);
    this.host.requestUpdate();
  }

  pause(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.host.requestUpdate();
  }

  hostConnected(): void {}

  hostDisconnected(): void {
    this.pause();
  }

  readonly #tick = (now: number): void => {
    const place = this.#place + Math.max(0, now - this.#last) / this.options.duration();
    this.#last = now;
    const isOver = place >= 1 && !this.options.loop();
    this.#place = isOver ? 1 : place % 1;
    this.#frame = isOver ? 0 : requestAnimationFrame(this.#tick);
    this.options.onPlace(this.#place);
    this.host.requestUpdate();
  };
}
