import { DiffusionError, throwIfAborted } from '../errors.js';
import { ArenaTensor, sizeOf } from '../kernels/arena.js';
import { kernels } from '../kernels/kernels.js';
import type { Feed, Session } from '../runtime/session.js';
import type { ClassifierGuidance } from './classifier-guidance.js';
import type { ClassShare } from './labels.js';
import { nextTurn } from './next-turn.js';

/** What a denoiser is asked to draw: the classes of each picture, and how strongly to follow them. */
export interface Conditioning {
  readonly classes: readonly (readonly ClassShare[])[] | undefined;
  /** The class index that stands for "no class"; undefined for a model without classes. */
  readonly unconditionalClass: number | undefined;
  readonly guidanceScale: number;
  /** The share of guidance's added contrast to take back, 0 to 1. */
  readonly guidanceRescale: number;
  readonly classifier?: ClassifierGuidance;
}

/** Rows that run together on WASM at most: a run can't be stopped. */
const LARGEST_PART = 16;

/**
 * The U-Net for one run: epsilon-theta(x_t, t, c) over a batch, with guidance. A picture of several classes has a row for
 * each, whose predictions are mixed. Holds the buffers of the run; nothing is allocated in the kernels' memory after the
 * first step.
 */
export class ConditionedUNet {
  readonly #guided: boolean;
  /** Of each conditional row, which picture it is of, and its weight there. */
  readonly #shares: readonly { readonly item: number; readonly weight: number }[];
  readonly #rows: number;
  /** Rows that run together. */
  readonly #part: number;
  readonly #input: ArenaTensor | undefined;
  readonly #timestep: Float32Array;
  readonly #feeds: Record<string, Feed> = {};
  /** The inputs of the rows that run together, one after the other. */
  readonly #parts: readonly Readonly<Record<string, Feed>>[];
  #output: ArenaTensor | undefined;
  /** Milliseconds spent in the network so far, and its runs. */
  milliseconds = 0;
  runs = 0;

  constructor(
    readonly session: Session,
    readonly dims: readonly number[],
    readonly conditioning: Conditioning,
  ) {
    const count = dims[0]!;
    const { classes, unconditionalClass, guidanceScale } = conditioning;
    this.#guided = guidanceScale !== 1 && classes !== undefined && unconditionalClass !== undefined;
    const none: ClassShare[][] = Array(count).fill([{ index: unconditionalClass ?? 0, weight: 1 }]);
    const wanted = (classes ?? none).flatMap((shares, item) =>
      shares.map(({ index, weight }) => ({ item, index, weight })),
    );
    this.#shares = wanted;
    this.#rows = (this.#guided ? count : 0) + wanted.length;
    this.#part = session.backend === 'wasm' ? partOf(this.#rows) : this.#rows;
    this.#timestep = new Float32Array(this.#rows);
    if (this.#rows > count) this.#input = new ArenaTensor([this.#rows, ...dims.slice(1)]);
    this.#feeds['timestep'] = { data: this.#timestep, dims: [this.#rows] };
    if (unconditionalClass !== undefined) {
      const rows = [...(this.#guided ? none.flat() : []), ...wanted];
      this.#feeds['class_labels'] = {
        data: BigInt64Array.from(rows, ({ index }) => BigInt(index)),
        dims: [this.#rows],
      };
    }
    checkInputs(session, [...Object.keys(this.#feeds), 'sample']);
    this.#parts = this.#part === this.#rows ? [this.#feeds] : this.#split();
  }

  /** The inputs of the last run; for measuring a backend. */
  get feeds(): Readonly<Record<string, Feed>> {
    return this.#feeds;
  }

  /**
   * The model's output for `sample` at `timestep`: valid until the next call. On WASM a large batch runs in parts, between
   * which an abort takes effect: rows cost there what they cost alone.
   */
  async predict(sample: ArenaTensor, timestep: number, signal?: AbortSignal): Promise<ArenaTensor> {
    const input = this.#input ?? sample;
    if (this.#input) this.#fill(this.#input, sample);
    this.#timestep.fill(timestep);
    // The tensor itself: its view is made when the run's turn comes, and memory may have grown by then.
    this.#feeds['sample'] = input;
    const start = performance.now();
    for (const [index, feeds] of this.#parts.entries()) {
      if (index > 0) await nextTurn();
      throwIfAborted(signal);
      const { data, dims } = Object.values(await this.session.run(feeds))[0]!;
      this.#output ??= this.#outputTensor([dims[0]! * this.#parts.length, ...dims.slice(1)]);
      this.#output.data.set(data as Float32Array, index * data.length);
    }
    this.milliseconds += performance.now() - start;
    this.runs++;

    const output = this.#output!;
    if (this.runs === 1) this.#checkNumbers(output.data);
    if (this.#shares.length > this.dims[0]!) this.#mix(output);
    if (this.#guided) this.#guide(output);
    const guided = this.#firstRows(output);
    const { classifier } = this.conditioning;
    if (classifier) {
      const since = performance.now();
      await classifier.guide(guided, sample, timestep);
      this.milliseconds += performance.now() - since;
    }
    return guided;
  }

  /** Rows without a class come first, where there is guidance; then those with one. */
  #fill(input: ArenaTensor, sample: ArenaTensor): void {
    const count = this.dims[0]!;
    const { data } = input;
    const first = this.#guided ? sample.length : 0;
    if (this.#guided) data.set(sample.data);
    if (this.#shares.length === count) return data.set(sample.data, first);
    const length = sample.length / count;
    for (let row = 0; row < this.#shares.length; row++) {
      const from = sample.pointer + 4 * this.#shares[row]!.item * length;
      kernels().combine2(input.pointer + 4 * (first + row * length), from, 1, from, 0, length);
    }
  }

  /** The weighted sum of each picture's rows, written over the first of the rows with a class. */
  #mix(output: ArenaTensor): void {
    const length = output.length / this.#rows;
    const first = this.#guided ? this.dims[0]! : 0;
    const pointer = (row: number) => output.pointer + 4 * (first + row) * length;
    let last = -1;
    for (const [row, { item, weight }] of this.#shares.entries()) {
      const kept = item === last ? 1 : 0;
      kernels().combine2(pointer(item), pointer(item), kept, pointer(row), weight, length);
      last = item;
    }
  }

  #split(): Record<string, Feed>[] {
    const shapes = { ...this.#feeds, sample: { dims: [this.#rows, ...this.dims.slice(1)] } };
    return Array.from({ length: this.#rows / this.#part }, (_, index) =>
      Object.fromEntries(
        Object.entries(shapes).map(([name, { dims }]) => {
          const share = { first: index * this.#part, rows: this.#part, of: this.#rows };
          return [name, new FeedPart(() => this.#feeds[name]!, dims, share)];
        }),
      ),
    );
  }

  release(): void {
    this.#input?.release();
    this.#output?.release();
    this.#first = undefined;
  }

  #outputTensor(dims: readonly number[]): ArenaTensor {
    const [rows, channels, height, width] = dims;
    const [, wanted, ...area] = this.dims;
    const fits = channels === wanted || channels === 2 * wanted!;
    if (rows !== this.#rows || !fits || height !== area[0] || width !== area[1]) {
      throw new DiffusionError(
        'unsupported-model',
        `The U-Net answered a tensor of shape [${dims.join(', ')}] to a sample of [${this.dims.join(', ')}]: ` +
          'unet/config.json does not describe this network.',
      );
    }
    return new ArenaTensor(dims);
  }

  /** eps = eps(no class) + scale (eps(class) - eps(no class)), written over the first rows. */
  #guide(output: ArenaTensor): void {
    const count = this.dims[0]!;
    const length = output.length / this.#rows;
    const guided = sizeOf(this.dims) / count;
    const { pointer } = output;
    const conditional = pointer + 4 * count * length;
    const { guidanceScale, guidanceRescale } = this.conditioning;
    const k = kernels();
    k.guide(pointer, pointer, conditional, guidanceScale, count, length, guided);
    if (guidanceRescale > 0) {
      k.rescaleGuidance(pointer, conditional, guidanceRescale, count, length, guided);
    }
  }

  #first: ArenaTensor | undefined;

  #firstRows(output: ArenaTensor): ArenaTensor {
    const [rows, ...rest] = output.dims;
    if (rows === this.dims[0]) return output;
    return (this.#first ??= output.prefix([this.dims[0]!, ...rest]));
  }

  #checkNumbers(data: Float32Array): void {
    if (data.every(Number.isFinite)) return;
    throw new DiffusionError(
      this.session.backend === 'webgpu' ? 'device-lost' : 'model-invalid',
      `The U-Net gave numbers that are not finite on ${this.session.backend}.`,
    );
  }
}

/** The largest share of the rows, at most so many, that goes into them without a rest. */
function partOf(rows: number): number {
  let part = Math.min(rows, LARGEST_PART);
  while (rows % part > 0) part--;
  return part;
}

/** Some rows of an input; the view is made when it is read. */
class FeedPart implements Feed {
  readonly dims: readonly number[];

  constructor(
    readonly whole: () => Feed,
    dims: readonly number[],
    readonly share: { readonly first: number; readonly rows: number; readonly of: number },
  ) {
    this.dims = [share.rows, ...dims.slice(1)];
  }

  get data(): Feed['data'] {
    const { data } = this.whole();
    const { first, rows, of } = this.share;
    const length = data.length / of;
    return data.subarray(first * length, (first + rows) * length);
  }
}

function checkInputs(session: Session, given: readonly string[]): void {
  const wanted = [...session.inputs.keys()];
  const missing = wanted.filter((name) => !given.includes(name));
  const unknown = given.filter((name) => !wanted.includes(name));
  if (missing.length === 0 && unknown.length === 0) return;
  throw new DiffusionError(
    'unsupported-model',
    `The U-Net takes the inputs ${wanted.join(', ')}; this pipeline gives ${given.join(', ')}.`,
  );
}
