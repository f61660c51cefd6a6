/** How many steps a run may make before it waits. */
export class Pace {
  #allowed: number;
  #go: () => void = () => undefined;

  /**
   * @param signal lets a waiting run go, to its end
   * @param allowed steps before it waits, 1 or more
   */
  constructor(signal: AbortSignal, allowed = Infinity) {
    this.#allowed = allowed - 1;
    signal.addEventListener('abort', () => this.allow(Infinity));
  }

  /** Allows so many further steps: 0 holds the run after its current one. */
  allow(steps: number): void {
    const left = this.#allowed === Infinity ? 0 : Math.max(0, this.#allowed);
    this.#allowed = steps === 0 ? 0 : left + steps;
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
