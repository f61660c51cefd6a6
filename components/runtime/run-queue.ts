import { abortError, DiffusionError } from '../errors.js';

export interface TaskLimits {
  /** Milliseconds after which the task counts as hung. */
  readonly limit?: number;
  /** Milliseconds that others wait behind the task before it is given up: it can be done without. */
  readonly patience?: number;
  /** The task still runs, once it can, after its caller was refused. */
  readonly keep?: boolean;
}

interface Turn extends TaskLimits {
  readonly task: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One task at a time, in the order they came. A runtime of onnxruntime-web in which a WebGPU run is under way stands
 * no other call, on whichever provider: they never return, or corrupt memory.
 *
 * A task can't be stopped, only given up: its caller gets `device-lost`, or an AbortError where it used up the patience
 * of others. Until it does end, everybody else is refused with `device-lost`, and can go to another runtime; with an
 * AbortError where only patience was used up, and theirs can be done without as well.
 */
export class RunQueue {
  #waiting: Turn[] = [];
  #current: Turn | undefined;
  #givenUp: 'hung' | 'slow' | undefined;
  #limitTimer: ReturnType<typeof setTimeout> | undefined;
  #patienceTimer: ReturnType<typeof setTimeout> | undefined;
  #lastEnd = -Infinity;

  /** Tasks that run or wait. */
  get size(): number {
    return this.#waiting.length + (this.#current ? 1 : 0);
  }

  /** Runs `task` after all earlier ones have ended, however they ended. */
  add<T>(task: () => Promise<T> | T, limits: TaskLimits = {}): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const turn = { ...limits, task, resolve: resolve as Turn['resolve'], reject };
      this.#waiting.push(turn);
      if (this.#givenUp) this.#refuseAll();
      else if (this.#current) this.#startPatience();
      else void this.#next();
    });
  }

  /** Resolves when nothing has run or waited for this many milliseconds. */
  async quiet(milliseconds: number): Promise<void> {
    for (;;) {
      const rest = this.size > 0 ? milliseconds : this.#lastEnd + milliseconds - performance.now();
      if (rest <= 0) return;
      await new Promise((resolve) => setTimeout(resolve, rest));
    }
  }

  async #next(): Promise<void> {
    const turn = (this.#current = this.#waiting.shift());
    if (!turn) return;
    this.#limitTimer = startTimer(turn.limit, () => this.#giveUp('hung'));
    if (this.#waiting.length > 0) this.#startPatience();
    try {
      turn.resolve(await turn.task());
    } catch (error) {
      turn.reject(error);
    }
    this.#stopTimers();
    this.#givenUp = undefined;
    this.#lastEnd = performance.now();
    void this.#next();
  }

  /** Somebody waits behind the current task. */
  #startPatience(): void {
    this.#patienceTimer ??= startTimer(this.#current?.patience, () => this.#giveUp('slow'));
  }

  #giveUp(why: 'hung' | 'slow'): void {
    this.#stopTimers();
    this.#givenUp = why;
    if (this.#current) this.#refuse(this.#current);
    this.#refuseAll();
  }

  #refuseAll(): void {
    this.#waiting.forEach((turn) => this.#refuse(turn));
    this.#waiting = this.#waiting.filter(({ keep }) => keep);
  }

  #refuse({ patience, reject }: Turn): void {
    reject(this.#givenUp === 'slow' && patience !== undefined ? abortError() : hung());
  }

  #stopTimers(): void {
    clearTimeout(this.#limitTimer);
    clearTimeout(this.#patienceTimer);
    this.#patienceTimer = undefined;
  }
}

function hung(): DiffusionError {
  return new DiffusionError('device-lost', 'The graphics device stopped answering.');
}

function startTimer(
  milliseconds: number | undefined,
  action: () => void,
): ReturnType<typeof setTimeout> | undefined {
  return milliseconds === undefined ? undefined : setTimeout(action, milliseconds);
}
