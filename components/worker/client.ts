import { abortable, abortError, DiffusionError } from '../errors.js';
import type { LoadProgress } from '../runtime/progress.js';
import { connect, type Connection } from './connection.js';
import { markDevice } from './crash-marker.js';
import {
  unpackError,
  type FromHost,
  type GenerateRequest,
  type HostResult,
  type ModelDescription,
  type ModelRequest,
  type RunResult,
  type StepReport,
  type ToHost,
  type TrainChange,
  type TrainReport,
  type TrainRequest,
} from './protocol.js';

export interface RequestOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: LoadProgress) => void;
  readonly onStep?: (report: StepReport) => void;
  readonly onTrained?: (report: TrainReport) => void;
  /** Called when a run has been asked for, with what sets its pace: the steps it may make from then on. */
  readonly onRun?: (pace: (steps: number) => void) => void;
}

/** A training that goes on in the worker. */
export interface Training {
  /** Changes what it does from now on. */
  steer(change: TrainChange): void;
  /** Rejects when it ends: with an AbortError where the signal ended it. */
  readonly ended: Promise<never>;
}

interface Pending extends RequestOptions {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

type Unnumbered<T> = T extends { readonly id: number } ? Omit<T, 'id'> : never;
/** A request without its number. */
type Request = Unnumbered<Exclude<ToHost, { type: 'abort' | 'settings' | 'steer' }>>;

/**
 * The page's side of the worker. It starts the worker on the first request, and anew after the worker
 * has died or its runtime has failed. An aborted request rejects at once; the worker ends it after the network's
 * current run.
 */
export class DiffusionClient {
  readonly #pending = new Map<number, Pending>();
  #connection: Promise<Connection> | undefined;
  #lastId = 0;

  describe(request: ModelRequest, options?: RequestOptions): Promise<ModelDescription> {
    return this.#ask({ type: 'describe', request }, options);
  }

  load(request: ModelRequest, options?: RequestOptions): Promise<void> {
    return this.#ask({ type: 'load', request }, options);
  }

  async generate(request: GenerateRequest, options: RequestOptions = {}): Promise<RunResult> {
    const connection = await this.#join(options.signal);
    const message = { type: 'generate', request } as const;
    const id = ++this.#lastId;
    const running = this.#send<HostResult>(connection, message, options, id);
    options.onRun?.((steps) => connection.send({ type: 'pace', id, steps }));
    const result = await running;
    const { thread, threadReason } = connection;
    const reason = thread === 'page' ? ` (on the page's own thread: ${threadReason})` : '';
    return { ...result, backendReason: result.backendReason + reason, thread };
  }

  /** Starts a training, which waits until it is told how many iterations to make. */
  async train(request: TrainRequest, options: RequestOptions = {}): Promise<Training> {
    const connection = await this.#join(options.signal);
    const id = ++this.#lastId;
    const message = { type: 'train', request } as const;
    const ended = this.#send<never>(connection, message, options, id);
    return { steer: (change) => connection.send({ type: 'steer', id, change }), ended };
  }

  /** Ends the worker; requests under way reject with an AbortError, the next one starts another. */
  async close(): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined);
    this.#connection = undefined;
    connection?.close();
    this.#rejectAll(abortError());
  }

  async #ask<T>(message: Request, options: RequestOptions = {}): Promise<T> {
    return this.#send(await this.#join(options.signal), message, options);
  }

  async #send<T>(
    connection: Connection,
    message: Request,
    options: RequestOptions,
    id = ++this.#lastId,
  ): Promise<T> {
    const { signal } = options;
    const abort = () => {
      connection.send({ type: 'abort', id });
      this.#pending.get(id)?.reject(abortError());
      this.#pending.delete(id);
    };
    signal?.addEventListener('abort', abort);
    try {
      return await new Promise<T>((resolve, reject) => {
        this.#pending.set(id, { ...options, resolve: resolve as Pending['resolve'], reject });
        connection.send({ ...message, id } as ToHost);
      });
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Somebody else's attempt that fails is followed by one of our own: what was wrong may be mended since. */
  #join(signal: AbortSignal | undefined): Promise<Connection> {
    const others = this.#connection;
    const connection = others ? others.catch(() => this.#connect()) : this.#connect();
    return abortable(connection, signal);
  }

  #connect(): Promise<Connection> {
    if (!this.#connection) {
      const connection = connect({
        onMessage: (message) => this.#receive(message),
        onLost: (error) => this.#lose(error),
      });
      this.#connection = connection;
      connection.catch(() => this.#forget(connection));
    }
    return this.#connection;
  }

  #receive(message: FromHost): void {
    if (message.type === 'ready') return;
    if (message.type === 'device') return markDevice(message.busy);
    const pending = this.#pending.get(message.id);
    if (!pending) return;
    if (message.type === 'progress') return pending.onProgress?.(message.progress);
    if (message.type === 'step') return pending.onStep?.(message.report);
    if (message.type === 'trained') return pending.onTrained?.(message.report);
    this.#pending.delete(message.id);
    if (message.type === 'error') this.#refuse(pending, unpackError(message.error));
    else pending.resolve(message.value);
  }

  /** A worker in which the runtime did not start never starts it: the next request gets another worker. */
  #refuse(pending: Pending, error: Error): void {
    pending.reject(error);
    const isSpoilt = error instanceof DiffusionError && error.code === 'backend-unavailable';
    if (isSpoilt && this.#pending.size === 0) void this.close();
  }

  #forget(connection: Promise<Connection>): void {
    if (this.#connection === connection) this.#connection = undefined;
  }

  #lose(error: DiffusionError): void {
    this.#connection = undefined;
    this.#rejectAll(error);
  }

  #rejectAll(error: Error): void {
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    pending.forEach(({ reject }) => reject(error));
  }
}

/** One client, and so one worker, for all elements of a page. */
export const diffusionClient = new DiffusionClient();
