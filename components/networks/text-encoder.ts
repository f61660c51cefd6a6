import { DiffusionError } from '../errors.js';
import type { Tensor } from '../kernels/arena.js';
import type { Feed, Port, Session } from '../runtime/session.js';
import { constantFeed, findPort, toFloats } from './ports.js';
import type { Tokens } from './tokenizer.js';

/** What a text encoder makes of one prompt. */
export interface TextFeatures {
  /** [tokens, width]: its last layer's output, or that of the layer before. */
  readonly hiddenStates: Tensor;
  /** The prompt as one vector, [width], where the encoder has such an output. */
  readonly textEmbeds: Tensor | undefined;
}

/** Which layer's output is asked for: SDXL reads the one before the last. */
export type TextLayer = 'last' | 'penultimate';

const IDS = ['input_ids', 'tokens', 'ids'];
const MASK = ['attention_mask'];

/**
 * Encodes one prompt.
 *
 * @throws `unsupported-model` where the network's inputs or outputs are not a text encoder's
 */
export async function encodeText(
  session: Session,
  part: string,
  { ids, length }: Tokens,
  layer: TextLayer,
): Promise<TextFeatures> {
  const feeds: Record<string, Feed> = {};
  for (const port of session.inputs) {
    const values = findPort([port], MASK) ? ids.map((_, i) => (i < length ? 1 : 0)) : ids;
    if (!findPort([port], [...IDS, ...MASK])) throw unknownPort(part, port);
    // A graph of a fixed batch gets the prompt in each of its rows.
    const rows = typeof port.shape[0] === 'number' ? port.shape[0] : 1;
    const all = Array.from({ length: rows }, () => values).flat();
    checkLength(part, port, ids.length);
    feeds[port.name] = constantFeed(port, all, [rows, ids.length]);
  }
  const outputs = await session.run(feeds);
  const hidden = outputs[hiddenName(part, session.outputs, layer)]!;
  const pooled = outputs['text_embeds'];
  return {
    hiddenStates: firstRow(hidden, part),
    textEmbeds: pooled && firstRow(pooled, part),
  };
}

function hiddenName(part: string, outputs: readonly Port[], layer: TextLayer): string {
  const layers = outputs
    .map(({ name }) => ({ name, number: Number(/^hidden_states\.(\d+)$/.exec(name)?.[1] ?? NaN) }))
    .filter(({ number }) => !Number.isNaN(number))
    .sort((a, b) => a.number - b.number);
  if (layer === 'penultimate') {
    const found = layers.at(-2);
    if (found) return found.name;
    throw new DiffusionError(
      'unsupported-model',
      `The ${part} has the outputs ${outputs.map(({ name }) => name).join(', ')}: models of this kind need those of its ` +
        'layers, "hidden_states.0" and so on; export it with output_hidden_states.',
    );
  }
  const last = findPort(outputs, ['last_hidden_state', 'hidden_states', 'encoder_hidden_states']);
  return last?.name ?? outputs.find(({ shape }) => shape.length === 3)?.name ?? outputs[0]!.name;
}

/** The first of a batch of equal rows. */
function firstRow(output: { data: unknown; dims: readonly number[] }, part: string): Tensor {
  const [rows = 1, ...dims] = output.dims;
  const data = toFloats(output.data);
  if (!data.every(Number.isFinite)) {
    throw new DiffusionError('model-invalid', `The ${part} gave numbers that are not finite.`);
  }
  return { data: data.slice(0, data.length / rows), dims };
}

function unknownPort(part: string, { name }: Port): DiffusionError {
  return new DiffusionError(
    'unsupported-model',
    `The ${part} has an input "${name}", which nothing is known for: it must take "input_ids".`,
  );
}

function checkLength(part: string, { shape }: Port, length: number): void {
  if (typeof shape[1] !== 'number' || shape[1] === length) return;
  throw new DiffusionError(
    'model-invalid',
    `The ${part} was exported for ${shape[1]} tokens, and its tokenizer gives ${length}: "model_max_length" in ` +
      'tokenizer_config.json must be the same.',
  );
}
