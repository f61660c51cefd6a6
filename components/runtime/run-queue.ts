/**
 * One task at a time, in the order they came. onnxruntime-web's WebGPU provider never returns from
 * two runs at once, so creating, running and releasing sessions all pass through here.
 */
export class RunQueue {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** Tasks that run or wait. */
  get size(): number {
    return this.#waiting;
  }

  /** Runs `task` after all earlier ones have ended, however they ended. */
  async add<T>(task: () => Promise<T> | T): Promise<T> {
    this.#waiting++;
    const result = this.#last.then(task);
    this.#last = result.catch(() => undefined);
    try {
      return await result;
    } finally {
      this.#waiting--;
    }
  }
}

/** The one queue of this thread, for every session of every model. */
export const runQueue = new RunQueue();
