import { throwIfAborted } from '../errors.js';
import { nextTurn } from '../runtime/next-turn.js';
import { PointDenoiser } from '../training/point-denoiser.js';
import type { TrainChange, TrainReport, TrainRequest } from './protocol.js';

/** Milliseconds of training between two turns of the thread's event loop, and between two reports. */
const SLICE = 8;
const PAUSE = 40;
/** Steps of DDIM for the samples that show how far the training is. */
const PREVIEW_STEPS = 12;

/** A training in the page's service: it goes on while it plays, and reports what it has learned. */
export class TrainingSession {
  readonly #denoiser: PointDenoiser;
  #request: TrainRequest;
  /** Iterations that are still to be made; infinite while it plays. */
  #due = 0;
  #losses: number[] = [];
  #sampling: TrainChange['sample'];
  #isStale = true;
  /** Of the last iteration: what is drawn with the network writes over it. */
  #detail: TrainReport['detail'];
  #wake: () => void = () => undefined;

  /** @throws DiffusionError `invalid-option` */
  constructor(
    request: TrainRequest,
    readonly post: (report: TrainReport) => void,
  ) {
    this.#request = request;
    this.#denoiser = new PointDenoiser(request);
  }

  /** Changes what goes on from now. */
  steer({ iterations, sample, ...changes }: TrainChange): void {
    this.#request = { ...this.#request, ...changes };
    if (iterations !== undefined) this.#due = iterations;
    if (sample) this.#sampling = sample;
    this.#isStale = true;
    this.#wake();
  }

  /** Trains until the signal fires; always rejects. */
  async run(signal: AbortSignal): Promise<never> {
    signal.addEventListener('abort', () => this.#wake());
    let reported = -Infinity;
    try {
      for (;;) {
        throwIfAborted(signal);
        this.#train();
        if (this.#isStale && (this.#due === 0 || performance.now() - reported > PAUSE)) {
          this.#report();
          reported = performance.now();
        }
        await (this.#due > 0 || this.#isStale ? nextTurn() : this.#asleep());
      }
    } finally {
      this.#denoiser.release();
    }
  }

  #asleep(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }

  #train(): void {
    const end = performance.now() + SLICE;
    while (this.#due > 0 && performance.now() < end) {
      this.#losses.push(this.#denoiser.iterate(this.#request));
      this.#due--;
      this.#isStale = true;
    }
  }

  #report(): void {
    const { shown, timestep, side, extent, samples, seed } = this.#request;
    const denoiser = this.#denoiser;
    if (this.#losses.length > 0) this.#detail = denoiser.detail(shown);
    const sampling = this.#sampling;
    this.post({
      iteration: denoiser.iteration,
      losses: Float32Array.from(this.#losses),
      detail: this.#detail,
      field: denoiser.field(timestep, side, extent),
      samples: denoiser.sample('ddim', PREVIEW_STEPS, samples, seed).slice(-2 * samples),
      path: sampling && {
        ...sampling,
        points: denoiser.sample(sampling.sampler, sampling.steps, samples, sampling.seed),
      },
    });
    this.#losses = [];
    this.#sampling = undefined;
    this.#isStale = false;
  }
}
