import { DiffusionError, invalidOption } from '../errors.js';
import type { ArenaTensor, Tensor } from '../kernels/arena.js';
import type { Feed, Port, Session } from '../runtime/session.js';
import { constantFeed, findPort, NumberFeed, TensorFeed } from './ports.js';
import { RowRunner } from './row-runner.js';

/** What a denoiser is told beside the sample and the timestep: a row for each of the batch, the same at every step. */
export interface Conditions {
  /** The classes' numbers. */
  readonly classes?: readonly number[];
  /** Text, [rows, tokens, width]. */
  readonly hiddenStates?: Tensor;
  /** SDXL's: the whole prompt as one vector, [rows, width]. */
  readonly textEmbeds?: Tensor;
  /** SDXL's: original height and width, top and left of the crop, target height and width, [rows, 6]. */
  readonly timeIds?: Tensor;
  /** The guidance scale's embedding, for networks distilled with it, [rows, width]. */
  readonly timestepCond?: Tensor;
}

// By the names in exports of Optimum and of diffusers' own scripts.
const SAMPLE = ['sample', 'hidden_states', 'latent_model_input', 'latents', 'x'];
const TIMESTEP = ['timestep', 'timesteps', 't'];
const ATTENTION = 'attention';
const OUTPUT = ['out_sample', 'noise_pred', 'output', 'sample', 'output_sample'];
const CONDITIONS: Readonly<Record<keyof Conditions, readonly string[]>> = {
  classes: ['class_labels', 'labels', 'y'],
  hiddenStates: ['encoder_hidden_states'],
  textEmbeds: ['text_embeds'],
  timeIds: ['time_ids'],
  timestepCond: ['timestep_cond'],
};

const isPicture = ({ shape }: Port) => shape.length === 4;

/**
 * epsilon-theta(x_t, t, c), or v or x_0 in its place: a U-Net or a transformer, over a batch of rows. Names and types of its
 * inputs come from its session.
 */
export class Denoiser {
  readonly #timestep: NumberFeed;
  readonly #sample: TensorFeed;
  readonly #runner: RowRunner;

  /**
   * @param input [rows, channels, height, width], in which the caller writes x_t before each run
   * @param hasAttention whether the second output is read, too: how much each place looks at each token
   * @throws `unsupported-model` where the conditions are not those that the network takes
   */
  constructor(
    readonly session: Session,
    readonly part: string,
    readonly input: ArenaTensor,
    conditions: Conditions,
    hasAttention = false,
  ) {
    const { inputs } = session;
    const [rows = 1] = input.dims;
    const sample = findPort(inputs, SAMPLE) ?? inputs.find(isPicture);
    const timestep = findPort(inputs, TIMESTEP);
    if (!sample || !timestep) throw unknownInputs(part, inputs);
    this.#timestep = new NumberFeed(timestep, rows);
    this.#sample = new TensorFeed(sample, input);
    const feeds: Record<string, Feed> = {
      [sample.name]: this.#sample,
      [timestep.name]: this.#timestep,
    };
    for (const [condition, names] of Object.entries(CONDITIONS)) {
      const value = conditions[condition as keyof Conditions];
      if (!value) continue;
      const port = findPort(inputs, names);
      if (!port) throw unused(part, names[0]!, inputs);
      const { data, dims } = 'data' in value ? value : { data: value, dims: [value.length] };
      feeds[port.name] = constantFeed(port, data, dims);
    }
    const second = hasAttention ? ATTENTION : undefined;
    this.#runner = new RowRunner({ session, part, feeds, rows, output: OUTPUT, second });
  }

  /** The inputs of the last run, of its first rows; for measuring a backend. */
  get feeds(): Readonly<Record<string, Feed>> {
    return this.#runner.feeds;
  }

  /** The output for what `input` holds, valid until the next call. */
  async run(timestep: number, signal?: AbortSignal): Promise<ArenaTensor> {
    this.#timestep.set(timestep);
    this.#sample.update();
    return this.#runner.run(signal);
  }

  /** Of the last run, valid until the next: [rows, tokens, height, width]. */
  get attention(): ArenaTensor | undefined {
    return this.#runner.second;
  }

  release(): void {
    this.#sample.release();
    this.#runner.release();
  }
}

function unknownInputs(part: string, inputs: readonly Port[]): DiffusionError {
  return new DiffusionError(
    'unsupported-model',
    `The ${part} takes the inputs ${inputs.map(({ name }) => name).join(', ')}: it must have one named "sample" and one ` +
      'named "timestep".',
  );
}

function unused(part: string, name: string, inputs: readonly Port[]): DiffusionError {
  return new DiffusionError(
    'unsupported-model',
    `The ${part} must have an input named "${name}", by the model's configuration; it has ` +
      `${inputs.map((port) => port.name).join(', ')}.`,
  );
}

/**
 * Graphs that were exported for one size draw no other.
 *
 * @param dims of the sample: [pictures, channels, height, width]
 * @param unit pixels of a value in each direction
 * @throws `invalid-option`
 */
export function checkSize(
  { inputs }: Session,
  part: string,
  dims: readonly number[],
  unit: number,
): void {
  const { shape = [] } = findPort(inputs, SAMPLE) ?? inputs.find(isPicture) ?? {};
  for (const [name, axis] of [
    ['height', 2],
    ['width', 3],
  ] as const) {
    const fixed = shape[axis];
    if (typeof fixed === 'number' && fixed !== dims[axis]) {
      const allowed = `${fixed * unit}: the ${part} was exported for that size only`;
      throw invalidOption(name, dims[axis]! * unit, allowed);
    }
  }
}
