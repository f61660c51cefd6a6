import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { ModelRequest } from '../worker/protocol.js';
import type { ModelController } from './model.js';
import type { SamplingController } from './sampling.js';
import { ViewportController } from './viewport.js';

/** The attributes that say what to fetch and draw before anybody asks for it. */
export interface PreloadHost extends ReactiveControllerHost, Element {
  readonly autoplay: boolean;
  readonly controls: boolean;
  readonly live: boolean;
  readonly loading: string;
  readonly preload: string;
}

export interface PreloadParts {
  readonly describer: ModelController;
  readonly sampling: SamplingController;
  request(): ModelRequest;
  draw(): void;
}

/** The page's own start comes first, for this many ms at most. */
const PATIENCE = 2000;

function whenIdle(task: () => void): void {
  if (typeof requestIdleCallback === 'function') requestIdleCallback(task, { timeout: PATIENCE });
  else setTimeout(task);
}

/** Fetches and draws what the attributes ask for, when the host comes near the viewport. */
export class PreloadController implements ReactiveController {
  readonly #viewport: ViewportController;

  constructor(
    readonly host: PreloadHost,
    readonly parts: PreloadParts,
  ) {
    host.addController(this);
    this.#viewport = new ViewportController(host, () => this.#arrive());
  }

  hostConnected(): void {
    if (this.host.loading === 'eager') queueMicrotask(() => this.#arrive());
  }

  /** The attributes have changed; nothing happens while the host is far away. */
  again(): void {
    if (this.#viewport.near) this.#prepare();
  }

  #arrive(): void {
    if (this.host.autoplay && this.parts.sampling.state === 'idle') this.parts.draw();
    this.#prepare();
  }

  #prepare(): void {
    const { autoplay, controls, live, preload } = this.host;
    const { describer, sampling } = this.parts;
    if (preload === 'none' && !autoplay) return;
    try {
      const request = this.parts.request();
      // Only the controls need to know what can be drawn before it is.
      if (controls || live || preload === 'auto') void describer.describe(request);
      if (preload === 'auto') whenIdle(() => this.#load(request));
    } catch (error) {
      sampling.fail(error as Error);
    }
  }

  /** Somebody may have asked for a picture meanwhile, or the element may be gone. */
  #load(request: ModelRequest): void {
    const { sampling } = this.parts;
    if (sampling.state !== 'idle' || !this.host.isConnected) return;
    sampling.load(request).catch(() => undefined);
  }
}
