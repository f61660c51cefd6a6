import { DiffusionError, throwIfAborted } from '../errors.js';
import { ArenaTensor } from '../kernels/arena.js';
import type { Feed, Port, Session } from '../runtime/session.js';
import { nextTurn } from '../runtime/next-turn.js';
import { checkPorts, checkShape, findPort, store } from './ports.js';

/** Rows that run together on WASM at most: a run can't be stopped. */
const LARGEST_PART = 16;

export interface RowRunnerOptions {
  readonly session: Session;
  /** What the network is called in messages. */
  readonly part: string;
  /** Each a row for each of the batch, but for single numbers. */
  readonly feeds: Readonly<Record<string, Feed>>;
  readonly rows: number;
  /** Rows that run together at most. */
  readonly most?: number;
  /** Names that the output may have, in order; its first output otherwise. */
  readonly output: readonly string[];
  /** The name of a second output that is wanted, too. */
  readonly second?: string;
}

/**
 * Runs a network over the rows of a batch, in parts: those that its graph fixes, or, on WASM, such that an abort takes effect
 * between them, where rows cost what they cost alone. Nothing is allocated in the kernels' memory after the first run.
 */
export class RowRunner {
  readonly #parts: readonly Readonly<Record<string, Feed>>[];
  readonly #part: number;
  readonly #wanted: readonly string[];
  readonly #results: ArenaTensor[] = [];

  constructor(readonly options: RowRunnerOptions) {
    const { session, part, feeds, rows, most = Infinity } = options;
    checkPorts(part, session, Object.keys(feeds));
    const ports = session.inputs.map((port) => [port, feeds[port.name]!] as const);
    const fixed = ports.map(([{ shape }]) => shape).find((shape) => shape.length > 1)?.[0];
    const { name } = findPort(session.outputs, options.output) ?? session.outputs[0]!;
    this.#wanted = options.second ? [name, options.second] : [name];
    const limit = session.backend === 'webgpu' ? most : Math.min(most, LARGEST_PART);
    this.#part = typeof fixed === 'number' ? fixed : shareOf(rows, limit);
    this.#parts = Array.from({ length: Math.ceil(rows / this.#part) }, (_, index) =>
      Object.fromEntries(ports.map(([port, feed]) => [port.name, this.#share(port, feed, index)])),
    );
    for (const [port] of ports) checkShape(part, port, this.feeds[port.name]!.dims);
  }

  /** The inputs of the rows that run together first. */
  get feeds(): Readonly<Record<string, Feed>> {
    return this.#parts[0]!;
  }

  /** The output of all rows, valid until the next call. */
  async run(signal?: AbortSignal): Promise<ArenaTensor> {
    const { session, rows } = this.options;
    for (const [index, feeds] of this.#parts.entries()) {
      if (index > 0) await nextTurn();
      throwIfAborted(signal);
      const outputs = await session.run(feeds, this.#wanted);
      const first = index * this.#part;
      for (const [i, name] of this.#wanted.entries()) {
        const { data, dims } = outputs[name]!;
        const result = (this.#results[i] ??= this.#allocate(dims));
        const length = result.length / rows;
        store(result, first * length, data, Math.min(this.#part, rows - first) * length);
      }
    }
    return this.#results[0]!;
  }

  /** The second output of the last run, valid until the next. */
  get second(): ArenaTensor | undefined {
    return this.#results[1];
  }

  release(): void {
    this.#parts.forEach((feeds) => this.options.session.forget(feeds));
    this.#results.forEach((result) => result.release());
    this.#results.length = 0;
  }

  #allocate([rows, ...rest]: readonly number[]): ArenaTensor {
    if (rows === this.#part) return new ArenaTensor([this.options.rows, ...rest]);
    throw new DiffusionError(
      'unsupported-model',
      `The ${this.options.part} answered ${rows} rows to ${this.#part}.`,
    );
  }

  /** What of an input goes into the part of this number. */
  #share({ shape }: Port, feed: Feed, index: number): Feed {
    const { rows } = this.options;
    const isForAll = feed.dims.length === 0 || (shape.length === 1 && shape[0] === 1);
    if (isForAll || this.#part === rows) return feed;
    return new FeedPart(feed, { first: index * this.#part, rows: this.#part, of: rows });
  }
}

/** The largest share of the rows, at most so many, that goes into them without a rest. */
function shareOf(rows: number, most: number): number {
  let part = Math.min(rows, most);
  while (rows % part > 0) part--;
  return part;
}

interface Share {
  readonly first: number;
  readonly rows: number;
  readonly of: number;
}

/** Some rows of an input, the last repeated where there are too few; the view is made when it is read. */
class FeedPart implements Feed {
  readonly dims: readonly number[];
  readonly isConstant: boolean;
  #padded: Feed['data'] | undefined;

  constructor(
    readonly whole: Feed,
    readonly share: Share,
  ) {
    this.dims = [share.rows, ...whole.dims.slice(1)];
    this.isConstant = whole.isConstant ?? false;
  }

  get data(): Feed['data'] {
    const { data } = this.whole;
    const { first, rows, of } = this.share;
    const length = data.length / of;
    const there = data.subarray(first * length, (first + rows) * length);
    if (there.length === rows * length) return there;
    this.#padded ??= new (there.constructor as Float32ArrayConstructor)(
      rows * length,
    ) as Feed['data'];
    const padded = this.#padded as Float32Array;
    for (let row = 0; row < rows; row++) {
      const from = Math.min(first + row, of - 1) * length;
      padded.set(data.subarray(from, from + length) as Float32Array, row * length);
    }
    return padded;
  }
}
