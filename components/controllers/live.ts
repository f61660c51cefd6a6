import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { isAbortError } from '../errors.js';
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
 * a run that is refining its picture gives way at once, but not to a film's next frame. Nothing is drawn while the page is
 * hidden; on slow devices, low batteries, and where less motion is wished for, when the hand rests.
 */
export class LiveController implements ReactiveController {
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the run under way began; 0 where there is none. */
  #begun = 0;
  #hasStepped = false;
  #isQueued = false;
  /** A film's frame waits for the end of the run under way. */
  #isFrameQueued = false;
  #isWarm = false;
  #hasFailed = false;
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
    this.host.ownerDocument.addEventListener('visibilitychange', this.#resume);
    this.#resume();
  }

  hostDisconnected(): void {
    this.host.ownerDocument.removeEventListener('visibilitychange', this.#resume);
    queueMicrotask(() => {
      // Moving an element disconnects it only for a moment. What one that is gone has not drawn is drawn when it is back.
      if (this.host.isConnected) return;
      if (this.busy || this.#timer !== undefined) this.#isQueued = true;
      this.#rest();
    });
  }

  /** Something that decides the picture has changed: by a hand, or because a film has another frame. */
  changed(isFrame = false): void {
    if (!this.host.live) return this.forget();
    if (isFrame && this.busy) {
      this.#isFrameQueued = true;
    } else if (this.isSlow || this.#hasFailed || hasLowBattery() || prefersLessMotion()) {
      // A film never rests.
      if (isFrame && this.#timer !== undefined) return;
      this.#rest();
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.#next();
      }, REST);
    } else {
      this.#rest();
      this.#next();
    }
  }

  /** The run under way makes what nobody wants any more, and need not come to its first step. */
  giveWay(): void {
    if (this.host.live) this.#hasStepped = true;
  }

  /** What waits is not drawn. */
  forget(): void {
    this.#rest();
    this.#isQueued = this.#isFrameQueued = false;
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
    this.#isQueued = this.#isFrameQueued = this.#hasStepped = false;
    const begun = (this.#begun = performance.now());
    try {
      await this.parts.draw();
      this.#isWarm = true;
      this.#hasFailed = false;
    } catch (error) {
      // The error event and the state tell; the hand's next rest tries again.
      this.#hasFailed = !isAbortError(error);
    }
    if (this.#begun !== begun) return;
    this.#begun = 0;
    if (this.#isQueued && !this.#hasFailed) this.#next();
    else if (this.#isQueued || this.#isFrameQueued) this.changed(!this.#isQueued);
  }

  /** The first run loads and warms up, and says nothing of those after it. */
  #measure(): void {
    const wasSlow = this.isSlow;
    if (this.#isWarm) this.isSlow = performance.now() - this.#begun > SLOW;
    if (wasSlow !== this.isSlow) this.host.requestUpdate();
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  readonly #resume = (): void => {
    if (this.#isQueued && this.host.live) this.#next();
  };
}
