import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { abortError, isAbortError } from '../errors.js';
import type { LoadProgress } from '../runtime/progress.js';
import type { DiffusionClient } from '../worker/client.js';
import type { GenerateRequest, ModelRequest, RunResult, StepReport } from '../worker/protocol.js';

/** As `networkState` of `<video>`: what the element is doing. */
export type SamplingState = 'idle' | 'loading' | 'ready' | 'generating' | 'done' | 'failed';

export interface SamplingEvents {
  onState(state: SamplingState): void;
  onProgress(progress: LoadProgress): void;
  onStep(report: StepReport): void;
  /** The run's pictures are there; the run ends when this does. */
  onResult(result: RunResult): void | Promise<void>;
  /** The run ended without pictures: those of the one before count again. */
  onGivenUp(): void;
  onError(error: Error): void;
  onAbort(): void;
}

/** What is to be drawn, once it is ready. */
export type Prepare = (signal: AbortSignal) => Promise<GenerateRequest>;

/**
 * The race between runs: starting one aborts the last, and only the newest may publish. An aborted run
 * leaves the pictures of the one before.
 */
export class SamplingController implements ReactiveController {
  #current: AbortController | undefined;
  #pace: ((steps: number) => void) | undefined;
  #isQuiet = false;
  readonly #told = new WeakSet<Error>();
  /** The run under way waits. */
  paused = false;
  state: SamplingState = 'idle';
  /** When the run under way was asked for, as `performance.now()`. */
  begun = 0;
  /** Bytes of the model while it is fetched. */
  progress: LoadProgress | undefined;
  /** The last step's report while a run is under way. */
  report: StepReport | undefined;
  result: RunResult | undefined;
  error: Error | undefined;

  constructor(
    readonly host: ReactiveControllerHost & HTMLElement,
    readonly client: DiffusionClient,
    readonly events: SamplingEvents,
  ) {
    host.addController(this);
  }

  get busy(): boolean {
    return this.#current !== undefined;
  }

  /** Whether people are to see that a run is under way: that of a quiet one only while the model loads. */
  get isApparent(): boolean {
    return this.busy && !(this.#isQuiet && this.state === 'generating');
  }

  /** Fetches the model, so that the first picture comes sooner. */
  async load(request: ModelRequest): Promise<void> {
    await this.#start(undefined, (controller) =>
      this.client.load(request, {
        signal: controller.signal,
        onProgress: (progress) => this.#progress(controller, progress),
      }),
    );
    this.#setState(this.result ? 'done' : 'ready');
  }

  /**
   * Draws what `prepare` resolves to; rejects with an AbortError when a newer run, `abort()` or the signal ends it.
   *
   * @param isQuiet the run is one of many that follow each other: it gives way to the next without an event
   */
  async run(prepare: Prepare, signal?: AbortSignal, isQuiet = false): Promise<RunResult> {
    const task = (controller: AbortController) => this.#draw(controller, prepare);
    const result = await this.#start(signal, task, isQuiet);
    await this.#publish(result);
    return result;
  }

  /** Draws several, one after the other, as one run; each is told when it is there. Their pictures together are the result. */
  async runAll(
    prepares: readonly Prepare[],
    onEach: (result: RunResult, index: number) => void,
    signal?: AbortSignal,
  ): Promise<RunResult[]> {
    const results = await this.#start(signal, async (controller) => {
      const drawn: RunResult[] = [];
      for (const [index, prepare] of prepares.entries()) {
        const result = await this.#draw(controller, prepare);
        if (controller.signal.aborted) throw abortError();
        drawn.push(result);
        onEach(result, index);
      }
      return drawn;
    });
    const images = results.flatMap((result) => result.images);
    await this.#publish({ ...results.at(-1)!, images });
    return results;
  }

  /** Whether a run has ended with this error, and said so; another may have begun since. */
  hasTold(error: unknown): boolean {
    return this.#told.has(error as Error);
  }

  /** Publishes a failure that happened before a run could start. */
  fail(error: Error): void {
    this.error = error;
    this.#setState('failed');
    this.events.onError(error);
  }

  /** Forgets a failure: the element is as it was before. */
  reset(): void {
    this.error = undefined;
    this.#setState(this.result ? 'done' : 'idle');
  }

  abort(): void {
    this.#current?.abort();
  }

  /** The host is as it was before its first run. */
  forget(): void {
    this.abort();
    this.result = undefined;
    this.reset();
    this.events.onGivenUp();
  }

  /** Lets the run under way make so many steps: `Infinity` to its end, 0 none after the current one. */
  pace(steps: number): void {
    if (!this.#pace) return;
    this.#pace(steps);
    this.paused = steps !== Infinity;
    this.host.requestUpdate();
  }

  /** Moving an element disconnects it only for a moment. */
  hostDisconnected(): void {
    queueMicrotask(() => {
      if (!this.host.isConnected) this.abort();
    });
  }

  async #draw(controller: AbortController, prepare: Prepare): Promise<RunResult> {
    const { signal } = controller;
    return this.client.generate(await prepare(signal), {
      signal,
      onProgress: (progress) => this.#progress(controller, progress),
      onStep: (report) => this.#step(controller, report),
      onRun: (pace) => (this.#pace = pace),
    });
  }

  async #publish(result: RunResult): Promise<void> {
    this.result = result;
    this.#setState('done');
    await this.events.onResult(result);
  }

  async #start<T>(
    signal: AbortSignal | undefined,
    task: (controller: AbortController) => Promise<T>,
    isQuiet = false,
  ): Promise<T> {
    this.#current?.abort();
    const controller = (this.#current = new AbortController());
    const abort = () => controller.abort();
    signal?.addEventListener('abort', abort);
    if (signal?.aborted) abort();
    this.error = undefined;
    this.begun = performance.now();
    this.#isQuiet = isQuiet;
    // Runs that follow each other leave the state as it is: nothing flickers.
    const goesOn = isQuiet && ['generating', 'done'].includes(this.state);
    this.#setState(goesOn ? 'generating' : 'loading');
    try {
      const value = await task(controller);
      if (controller.signal.aborted) throw abortError();
      this.#current = undefined;
      return value;
    } catch (error) {
      if (this.#current === controller) this.#end(error as Error);
      else if (isAbortError(error) && !isQuiet) this.events.onAbort();
      throw error;
    } finally {
      signal?.removeEventListener('abort', abort);
      if (!this.#current) {
        this.progress = this.report = this.#pace = undefined;
        this.paused = false;
      }
    }
  }

  #end(error: Error): void {
    this.#current = undefined;
    this.events.onGivenUp();
    if (isAbortError(error)) {
      this.#setState(this.result ? 'done' : 'idle');
      this.events.onAbort();
    } else {
      this.#told.add(error);
      this.fail(error);
    }
  }

  #progress(controller: AbortController, progress: LoadProgress): void {
    if (controller !== this.#current) return;
    this.progress = progress;
    this.events.onProgress(progress);
    this.host.requestUpdate();
  }

  #step(controller: AbortController, report: StepReport): void {
    if (controller !== this.#current) return;
    this.report = report;
    this.progress = undefined;
    this.#setState('generating');
    this.events.onStep(report);
  }

  #setState(state: SamplingState): void {
    this.host.requestUpdate();
    if (state === this.state) return;
    this.state = state;
    this.events.onState(state);
  }
}
