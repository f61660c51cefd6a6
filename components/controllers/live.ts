import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { prefersLessMotion } from './animation.js';
import { hasLowBattery } from './battery.js';
import type { SamplingController } from './sampling.js';

/** A first step that takes longer, in ms, can't follow a hand. */
const SLOW = 1000;
/** The pause, in ms, after which a hand rests. */
const REST = 300;

export interface LiveHost extends ReactiveControllerHost, Element {
  readonly live: boolean;
}

export interface LiveParts {
  readonly sampling: SamplingController;
  /** Begins a run that waits after its first step. */
  draw(): Promise<unknown>;
}

/**
 * Redraws at every change. Of the changes that come while a run makes its first step only the latest is drawn, right after it;
 * a run that is refining its picture gives way at once. Nothing is drawn while the page is hidden; on slow devices,
 * low batteries, and where less motion is wished for, when the hand rests.
 */
export class LiveController implements ReactiveController {
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the run under way began; 0 where there is none. */
  #begun = 0;
  #hasStepped = false;
  #isQueued = false;
  #isWarm = false;
  /** A run took so long that drawing waits until the hand rests. */
  isSlow = false;

  constructor(
    readonly host: LiveHost,
    readonly parts: LiveParts,
  ) {
    host.addController(this);
  }

  /** Whether the run under way is one of these, which come and go without a word. */
  get busy(): boolean {
    return this.#begun > 0;
  }

  hostConnected(): void {
    this.host.ownerDocument.addEventListener('visibilitychange', this.#onVisibility);
  }

  hostDisconnected(): void {
    this.host.ownerDocument.removeEventListener('visibilitychange', this.#onVisibility);
    this.#forget();
  }

  /** Something that decides the picture has changed. */
  changed(): void {
    if (!this.host.live) return this.#forget();
    clearTimeout(this.#timer);
    if (this.isSlow || hasLowBattery() || prefersLessMotion()) {
      this.#timer = setTimeout(() => this.#next(), REST);
    } else {
      this.#next();
    }
  }

  /** The run under way has made a step; where nothing is queued it goes on after its first, and then as it likes. */
  stepped(): void {
    if (!this.busy || this.#hasStepped) return;
    this.#measure();
    this.#hasStepped = true;
    if (this.#isQueued) this.#next();
    else this.parts.sampling.pace(Infinity);
  }

  /** One queued at most; it reads the attributes when it begins, so it is the latest. */
  #next(): void {
    this.#isQueued = true;
    if (this.busy && !this.#hasStepped) return;
    if (this.host.ownerDocument.hidden || !this.host.isConnected) return;
    void this.#run();
  }

  async #run(): Promise<void> {
    this.#isQueued = this.#hasStepped = false;
    const begun = (this.#begun = performance.now());
    try {
      await this.parts.draw();
      this.#isWarm = true;
    } catch {
      // The error event and the state tell; the next change tries again.
    }
    if (this.#begun !== begun) return;
    this.#begun = 0;
    if (this.#isQueued) this.#next();
  }

  /** The first run loads and warms up, and says nothing of those after it. */
  #measure(): void {
    const wasSlow = this.isSlow;
    if (this.#isWarm) this.isSlow = performance.now() - this.#begun > SLOW;
    if (wasSlow !== this.isSlow) this.host.requestUpdate();
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#isQueued = false;
  }

  readonly #onVisibility = (): void => {
    if (this.#isQueued && this.host.live) this.#next();
  };
}
