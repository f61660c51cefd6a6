/** How many steps a run may make before it waits. */
export class Pace {
  #allowed = Infinity;
  #go: () => void = () => undefined;

  /** @param signal lets a waiting run go, to its end */
  constructor(signal: AbortSignal) {
    signal.addEventListener('abort', () => this.allow(Infinity));
  }

  /** Allows so many steps from now on: 0 holds the run after its current one. */
  allow(steps: number): void {
    this.#allowed = steps;
    if (steps > 0) this.#go();
  }

  /** Resolves when the next step may be made; undefined where that is now. */
  next(): Promise<void> | undefined {
    if (this.#allowed-- > 0) return undefined;
    return new Promise((resolve) => {
      this.#go = () => {
        this.#allowed--;
        resolve();
      };
    });
  }
}
