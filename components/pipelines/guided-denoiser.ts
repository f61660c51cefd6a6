import { DiffusionError } from '../errors.js';
import { ArenaTensor, sizeOf } from '../kernels/arena.js';
import { kernels } from '../kernels/kernels.js';
import { Denoiser } from '../networks/denoiser.js';
import type { Feed, Session } from '../runtime/session.js';
import type { AttentionMaps } from './attention.js';
import type { ClassifierGuidance } from './classifier-guidance.js';
import type { Conditioning } from './conditioning.js';
import type { DenoiserPlan } from './plan-parts.js';

export interface Guidance {
  readonly guidanceScale: number;
  /** The share of guidance's added contrast to take back, 0 to 1. */
  readonly guidanceRescale: number;
  readonly classifier?: ClassifierGuidance;
  /** Collects what the pictures' places looked at. */
  readonly attention?: AttentionMaps;
}

/**
 * The denoiser for one run: its prediction for a batch of pictures, with guidance. A picture of several classes has a row for
 * each, whose predictions are mixed. Holds the buffers of the run; nothing is allocated in the kernels' memory after the
 * first step.
 */
export class GuidedDenoiser {
  readonly #input: ArenaTensor;
  readonly #rows: number;
  readonly #network: Denoiser;
  #first: ArenaTensor | undefined;
  /** Milliseconds spent in the network so far, and its runs. */
  milliseconds = 0;
  runs = 0;

  /**
   * @param dims of the sample: [pictures, channels, height, width]
   * @param around [pictures, further channels, height, width], which the network is given behind the sample's channels
   */
  constructor(
    readonly session: Session,
    plan: DenoiserPlan,
    readonly dims: readonly number[],
    readonly conditioning: Conditioning,
    readonly guidance: Guidance,
    around?: ArenaTensor,
  ) {
    const [count = 1, channels = 1, ...area] = dims;
    const { shares, isGuided, conditions } = conditioning;
    this.#rows = (isGuided ? count : 0) + shares.length;
    const further = around?.dims[1] ?? 0;
    this.#input = new ArenaTensor([this.#rows, channels + further, ...area]);
    const hasAttention = guidance.attention !== undefined;
    this.#network = new Denoiser(session, plan.part, this.#input, conditions, hasAttention);
    if (around) this.#eachRow((row, item) => this.#copyChannels(row, channels, around, item));
  }

  /** The inputs of the last run; for measuring a backend. */
  get feeds(): Readonly<Record<string, Feed>> {
    return this.#network.feeds;
  }

  /** The model's output for `sample`, as its scheduler scales it, at `timestep`: valid until the next call. */
  async predict(sample: ArenaTensor, timestep: number, signal?: AbortSignal): Promise<ArenaTensor> {
    this.#eachRow((row, item) => this.#copyChannels(row, 0, sample, item));
    const start = performance.now();
    const output = await this.#network.run(timestep, signal);
    this.milliseconds += performance.now() - start;
    this.runs++;

    this.guidance.attention?.add(this.#network.attention!);
    if (this.runs === 1) this.#check(output);
    if (this.conditioning.shares.length > this.dims[0]!) this.#mix(output);
    if (this.conditioning.isGuided) this.#guide(output);
    const guided = this.#firstRows(output);
    const { classifier } = this.guidance;
    if (classifier) {
      const since = performance.now();
      await classifier.guide(guided, sample, timestep);
      this.milliseconds += performance.now() - since;
    }
    return guided;
  }

  release(): void {
    this.#network.release();
    this.#input.release();
  }

  /** Rows without a condition come first, where there is guidance; then those with one. */
  #eachRow(visit: (row: number, item: number) => void): void {
    const { shares, isGuided } = this.conditioning;
    const first = isGuided ? this.dims[0]! : 0;
    for (let item = 0; item < first; item++) visit(item, item);
    for (let row = 0; row < shares.length; row++) visit(first + row, shares[row]!.item);
  }

  /** Writes an item of `source` into a row of the input, behind its first channels. */
  #copyChannels(row: number, channel: number, source: ArenaTensor, item: number): void {
    const [, channels = 1, height = 1, width = 1] = this.#input.dims;
    const length = source.length / source.dims[0]!;
    const from = source.pointer + 4 * item * length;
    const to = this.#input.pointer + 4 * (row * channels + channel) * height * width;
    kernels().combine2(to, from, 1, from, 0, length);
  }

  /** The weighted sum of each picture's rows, written over the first of the rows with a class. */
  #mix(output: ArenaTensor): void {
    const { shares, isGuided } = this.conditioning;
    const length = output.length / this.#rows;
    const first = isGuided ? this.dims[0]! : 0;
    const pointer = (row: number) => output.pointer + 4 * (first + row) * length;
    let last = -1;
    for (const [row, { item, weight }] of shares.entries()) {
      const kept = item === last ? 1 : 0;
      kernels().combine2(pointer(item), pointer(item), kept, pointer(row), weight, length);
      last = item;
    }
  }

  /** eps = eps(no condition) + scale (eps(condition) - eps(no condition)), written over the first rows. */
  #guide(output: ArenaTensor): void {
    const count = this.dims[0]!;
    const length = output.length / this.#rows;
    const guided = sizeOf(this.dims) / count;
    const { pointer } = output;
    const conditional = pointer + 4 * count * length;
    const { guidanceScale, guidanceRescale } = this.guidance;
    const k = kernels();
    k.guide(pointer, pointer, conditional, guidanceScale, count, length, guided);
    if (guidanceRescale > 0) {
      k.rescaleGuidance(pointer, conditional, guidanceRescale, count, length, guided);
    }
  }

  #firstRows(output: ArenaTensor): ArenaTensor {
    const [rows, ...rest] = output.dims;
    if (rows === this.dims[0]) return output;
    return (this.#first ??= output.prefix([this.dims[0]!, ...rest]));
  }

  #check(output: ArenaTensor): void {
    const [, channels, height, width] = output.dims;
    const [, wanted, ...area] = this.dims;
    const fits = channels === wanted || channels === 2 * wanted!;
    if (!fits || height !== area[0] || width !== area[1]) {
      throw new DiffusionError(
        'unsupported-model',
        `The network answered a tensor of shape [${output.dims.join(', ')}] to a sample of [${this.dims.join(', ')}]: ` +
          'its config.json does not describe it.',
      );
    }
    if (output.data.every(Number.isFinite)) return;
    throw new DiffusionError(
      this.session.backend === 'webgpu' ? 'device-lost' : 'model-invalid',
      `The network gave numbers that are not finite on ${this.session.backend}.`,
    );
  }
}
