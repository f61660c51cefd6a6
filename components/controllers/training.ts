import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { isAbortError } from '../errors.js';
import { checkIteration, checkTraining } from '../training/training-options.js';
import type { DiffusionClient, Training } from '../worker/client.js';
import type { SampleRequest, TrainChange, TrainReport, TrainRequest } from '../worker/protocol.js';

export interface TrainingEvents {
  /** What is to be trained; asked when a training starts. */
  request(): TrainRequest;
  onReport(report: TrainReport): void;
  onError(error: unknown): void;
}

/** Losses to keep: of longer trainings, means of several. */
const MOST_LOSSES = 512;

/** A training in the worker: starts with the first iteration, rests while its element is not seen, ends with it. */
export class TrainingController implements ReactiveController {
  #controller: AbortController | undefined;
  #training: Promise<Training> | undefined;
  #losses: number[] = [];
  /** Iterations that each kept loss stands for, and those that wait to become one. */
  #perLoss = 1;
  #waiting: number[] = [];
  #sum: { value: number; count: number } = { value: 0, count: 0 };
  playing = false;
  report: TrainReport | undefined;

  constructor(
    readonly host: ReactiveControllerHost & HTMLElement,
    readonly client: DiffusionClient,
    readonly events: TrainingEvents,
  ) {
    host.addController(this);
  }

  /** The loss over the iterations, evenly spaced. */
  get losses(): readonly number[] {
    return this.#losses;
  }

  get iteration(): number {
    return this.report?.iteration ?? 0;
  }

  /** The mean loss of the iterations of the last report that had any. */
  get loss(): number | undefined {
    return this.#sum.count > 0 ? this.#sum.value / this.#sum.count : undefined;
  }

  play(): void {
    this.playing = true;
    this.#steer({ iterations: Infinity });
  }

  pause(): void {
    if (!this.playing) return;
    this.playing = false;
    this.#steer({ iterations: 0 });
  }

  /** Makes one iteration. */
  step(): void {
    this.playing = false;
    this.#steer({ iterations: 1 });
  }

  sample(sample: SampleRequest): void {
    this.#steer({ sample });
  }

  /** Changes what goes on; nothing where nothing does. */
  change(change: TrainChange): void {
    if (this.#training) this.#steer(change);
  }

  /** Forgets what was learned; a training that plays goes on from the beginning. */
  reset(): void {
    const { playing } = this;
    this.#controller?.abort();
    this.#controller = this.#training = undefined;
    this.report = undefined;
    this.#losses = [];
    this.#perLoss = 1;
    this.#waiting = [];
    this.#sum = { value: 0, count: 0 };
    this.host.requestUpdate();
    if (playing) this.play();
  }

  hostConnected(): void {
    document.addEventListener('visibilitychange', this.#onVisibility);
  }

  /** Moving an element disconnects it only for a moment. */
  hostDisconnected(): void {
    document.removeEventListener('visibilitychange', this.#onVisibility);
    setTimeout(() => {
      if (this.host.isConnected) return;
      this.playing = false;
      this.reset();
    });
  }

  readonly #onVisibility = (): void => {
    if (this.playing) this.#steer({ iterations: document.hidden ? 0 : Infinity });
  };

  #steer(change: TrainChange): void {
    this.host.requestUpdate();
    this.#training ??= this.#started();
    this.#training.then(({ steer }) => steer(change)).catch(() => undefined);
  }

  /** One that does not start is forgotten: the next change starts another. */
  #started(): Promise<Training> {
    const training = this.#start();
    training.catch(() => {
      if (this.#training === training) this.#training = undefined;
    });
    return training;
  }

  async #start(): Promise<Training> {
    const controller = (this.#controller = new AbortController());
    try {
      const request = checkIteration(checkTraining(this.events.request()));
      const training = await this.client.train(request, {
        signal: controller.signal,
        onTrained: (report) => this.#receive(controller, report),
      });
      training.ended.catch((error: unknown) => this.#end(controller, error));
      return training;
    } catch (error) {
      this.#end(controller, error);
      throw error;
    }
  }

  #receive(controller: AbortController, report: TrainReport): void {
    if (controller !== this.#controller) return;
    this.report = report;
    if (report.losses.length > 0) {
      this.#sum = { value: sumOf(report.losses), count: report.losses.length };
      for (const loss of report.losses) this.#keep(loss);
    }
    this.events.onReport(report);
    this.host.requestUpdate();
  }

  #keep(loss: number): void {
    this.#waiting.push(loss);
    if (this.#waiting.length < this.#perLoss) return;
    this.#losses.push(sumOf(this.#waiting) / this.#perLoss);
    this.#waiting = [];
    if (this.#losses.length < MOST_LOSSES) return;
    this.#losses = this.#losses.flatMap((each, i, all) =>
      i % 2 ? [(all[i - 1]! + each) / 2] : [],
    );
    this.#perLoss *= 2;
  }

  #end(controller: AbortController, error: unknown): void {
    if (controller !== this.#controller) return;
    this.#controller = this.#training = undefined;
    this.playing = false;
    this.host.requestUpdate();
    if (!isAbortError(error)) this.events.onError(error);
  }
}

function sumOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum;
}
