import { getSettings } from './settings.js';

/** A failure that may pass: the connection, or a server that is ill. */
export class PassingError extends Error {}

/** Ends a request when its caller does, or when nothing has come for too long. */
export class StallWatch {
  readonly #controller = new AbortController();
  readonly #limit = getSettings().stallTimeout;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly outer: AbortSignal | undefined) {
    outer?.addEventListener('abort', this.#abort);
    if (outer?.aborted) this.#abort();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  async race<T>(promise: Promise<T>): Promise<T> {
    const stalled = new Promise<never>((_, reject) => {
      this.#timer = setTimeout(() => {
        reject(new PassingError(`no byte came for ${this.#limit / 1000} s`));
        this.#abort();
      }, this.#limit);
    });
    try {
      return await Promise.race([promise, stalled]);
    } finally {
      clearTimeout(this.#timer);
    }
  }

  /** The caller's end is no longer heeded; what was requested goes on. */
  rest(): void {
    this.outer?.removeEventListener('abort', this.#abort);
  }

  stop(): void {
    this.rest();
    this.#abort();
  }

  readonly #abort = (): void => this.#controller.abort();
}
