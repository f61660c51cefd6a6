import { DiffusionError, invalidOption } from '../errors.js';
import { sizeOf, type Tensor } from '../kernels/arena.js';
import { encodeText, type TextFeatures } from '../networks/text-encoder.js';
import { Tokenizer, type Tokens } from '../networks/tokenizer.js';
import type { Components } from './components.js';
import type { ModelPlan } from './model-plan.js';
import type { TextEncoderPlan, TextPlan } from './plan-parts.js';
import type { Prompts } from './prompt-options.js';
import { promptWords, type PromptWord } from './prompt-words.js';

/** What the text encoders make of each picture's prompts; `negative` is empty where there is no guidance. */
export interface EncodedPrompts {
  readonly positive: readonly TextFeatures[];
  readonly negative: readonly TextFeatures[];
}

/** Prompts encoded one after the other, each different one once. */
export class PromptEncoder {
  readonly #tokenizers = new Map<string, Promise<Tokenizer>>();
  readonly #text: TextPlan;

  constructor(
    readonly plan: ModelPlan,
    readonly components: Components,
  ) {
    this.#text = plan.text!;
  }

  /**
   * @param notices takes a sentence for each prompt that was cut
   * @throws DiffusionError `model-invalid`, `unsupported-model`, `invalid-option`; AbortError
   */
  async encode(prompts: Prompts, notices: string[], signal?: AbortSignal): Promise<EncodedPrompts> {
    const { positive, negative, embeds, isGuided } = prompts;
    const wanted = isGuided && !embeds.negative ? negative : [];
    const all = [
      ...(embeds.positive ? [] : positive),
      ...wanted.map((texts) => this.#orNone(texts)),
    ];
    const texts = [...new Map(all.flatMap((each) => (each ? [[keyOf(each), each]] : [])))];
    const known = new Map(
      await this.#encodeAll(texts as [string, readonly string[]][], notices, signal),
    );
    const read = (each: readonly string[]) => known.get(keyOf(each))!;
    const count = positive.length;
    const given = embeds.positive
      ? readEmbeds('promptEmbeds', embeds.positive, embeds.positivePooled, count, this.#text)
      : positive.map(read);
    if (isGuided && embeds.negative) {
      const { negative: none, negativePooled } = embeds;
      const name = 'negativePromptEmbeds';
      return {
        positive: given,
        negative: readEmbeds(name, none, negativePooled, count, this.#text),
      };
    }
    return {
      positive: given,
      negative: wanted.map((each) => {
        const none = this.#orNone(each);
        return none ? read(none) : zerosLike(given[0]!);
      }),
    };
  }

  /** The words of each picture's prompt, as the first text encoder reads them; none where it is given embeddings. */
  async words({ positive, embeds }: Prompts, signal?: AbortSignal): Promise<PromptWord[][]> {
    const tokenizer = await this.#tokenizer(this.#text.encoders[0]!, signal);
    return positive.map(([text]) => (embeds.positive ? [] : promptWords(text!, tokenizer)));
  }

  /**
   * Reads the tokenizers.
   *
   * @throws DiffusionError `model-invalid`, `network`; AbortError
   */
  async prepare(signal?: AbortSignal): Promise<void> {
    await Promise.all(this.#text.encoders.map((encoder) => this.#tokenizer(encoder, signal)));
  }

  /** The texts of a negative prompt; undefined where its place is taken by zeros. */
  #orNone(texts: readonly string[] | undefined): readonly string[] | undefined {
    return texts ?? (this.#text.zerosForNone ? undefined : ['', '']);
  }

  async #encodeAll(
    texts: readonly (readonly [string, readonly string[]])[],
    notices: string[],
    signal: AbortSignal | undefined,
  ): Promise<[string, TextFeatures][]> {
    const { encoders, isPooled } = this.#text;
    const found: TextFeatures[][] = texts.map(() => []);
    if (texts.length === 0) return [];
    // One encoder after the other, so that phones need hold but one of them.
    for (const [index, encoder] of encoders.entries()) {
      const tokenizer = await this.#tokenizer(encoder, signal);
      const tokens = texts.map(([, each]) => tokenizer.encode(each[index]!));
      tokens.forEach((each) => checkTokens(each, encoder));
      if (index === 0) notices.push(...tokens.flatMap((each) => cutNotice(each, tokenizer)));
      await this.components.use(encoder.part, signal, async (session) => {
        for (const [i, each] of tokens.entries()) {
          const layer = isPooled ? 'penultimate' : 'last';
          found[i]!.push(await encodeText(session, encoder.part, each, layer));
        }
      });
    }
    return texts.map(([key], i) => [key, isPooled ? joined(found[i]!) : found[i]![0]!]);
  }

  #tokenizer(encoder: TextEncoderPlan, signal: AbortSignal | undefined): Promise<Tokenizer> {
    const { tokenizer: folder, positions } = encoder;
    let tokenizer = this.#tokenizers.get(folder);
    if (!tokenizer) {
      tokenizer = this.#readTokenizer(folder, positions, signal);
      this.#tokenizers.set(folder, tokenizer);
      tokenizer.catch(() => this.#tokenizers.delete(folder));
    }
    return tokenizer;
  }

  async #readTokenizer(
    name: string,
    positions: number,
    signal: AbortSignal | undefined,
  ): Promise<Tokenizer> {
    const { folder } = this.plan;
    const read = (file: string) => folder.readJson(`${name}/${file}`, { signal });
    const [tokenizer, config = {}, specialTokens = {}] = await Promise.all([
      read('tokenizer.json'),
      read('tokenizer_config.json'),
      read('special_tokens_map.json'),
    ]);
    if (tokenizer) return Tokenizer.create({ tokenizer, config, specialTokens }, positions);
    const [vocabulary, merges] = await Promise.all([
      read('vocab.json'),
      folder.readText(`${name}/merges.txt`, { signal }),
    ]);
    const files = { tokenizer, config, specialTokens, vocabulary, merges };
    return Tokenizer.create(files, positions);
  }
}

/** Characters of what was cut that a notice shows. */
const SHOWN = 100;

const keyOf = (texts: readonly string[]) => JSON.stringify(texts);

function cutNotice({ cut }: Tokens, { length }: Tokenizer): string[] {
  const shown = cut.length > SHOWN ? `${cut.slice(0, SHOWN)}…` : cut;
  return cut
    ? [`The prompt is longer than ${length} tokens: "\u2068${shown}\u2069" is not read.`]
    : [];
}

function checkTokens({ ids }: Tokens, { part, tokenizer, vocabulary }: TextEncoderPlan): void {
  const stray = ids.find((id) => id >= vocabulary);
  if (stray === undefined) return;
  throw new DiffusionError(
    'model-invalid',
    `The ${tokenizer} gives the token ${stray}, and the ${part} knows ${vocabulary}: they are not of one model.`,
  );
}

/** The outputs of two encoders side by side, and the second's vector. */
function joined([first, second]: readonly TextFeatures[]): TextFeatures {
  const [tokens = 0, left = 0] = first!.hiddenStates.dims;
  const [, right = 0] = second!.hiddenStates.dims;
  const data = new Float32Array(tokens * (left + right));
  for (let token = 0; token < tokens; token++) {
    const at = token * (left + right);
    data.set(first!.hiddenStates.data.subarray(token * left, (token + 1) * left), at);
    data.set(second!.hiddenStates.data.subarray(token * right, (token + 1) * right), at + left);
  }
  if (!second!.textEmbeds) {
    throw new DiffusionError(
      'unsupported-model',
      'The text_encoder_2 has no output "text_embeds": export it as a CLIPTextModelWithProjection.',
    );
  }
  return { hiddenStates: { data, dims: [tokens, left + right] }, textEmbeds: second!.textEmbeds };
}

function zerosLike({ hiddenStates, textEmbeds }: TextFeatures): TextFeatures {
  const zeros = ({ data, dims }: Tensor) => ({ data: new Float32Array(data.length), dims });
  return { hiddenStates: zeros(hiddenStates), textEmbeds: textEmbeds && zeros(textEmbeds) };
}

/** Embeddings that somebody gives: for each picture, or one for all. */
function readEmbeds(
  name: string,
  hidden: Tensor,
  pooled: Tensor | undefined,
  count: number,
  { isPooled, width }: TextPlan,
): TextFeatures[] {
  if (isPooled && !pooled) {
    const other = name === 'promptEmbeds' ? 'pooledPromptEmbeds' : 'negativePooledPromptEmbeds';
    throw invalidOption(other, undefined, `given beside ${name}: this model reads both`);
  }
  const states = rowsOf(name, hidden, count, 3, width);
  const vectors = pooled && isPooled ? rowsOf(`the pooled ${name}`, pooled, count, 2) : undefined;
  return states.map((hiddenStates, i) => ({ hiddenStates, textEmbeds: vectors?.[i] }));
}

/** A row of a tensor for each picture. */
function rowsOf(
  name: string,
  tensor: Tensor,
  count: number,
  rank: number,
  width?: number,
): Tensor[] {
  const { data, dims } = Object(tensor) as Partial<Tensor>;
  const list = Array.isArray(dims) ? (dims as number[]) : [];
  const [rows = 0, ...rest] = list;
  const isWide = width === undefined || list.at(-1) === width;
  const isWhole = data instanceof Float32Array && data.length === sizeOf(list);
  if (list.length !== rank || !isWide || !isWhole || (rows !== 1 && rows !== count)) {
    const shown = `[${list.join(', ')}] with ${data?.length ?? 'no'} values`;
    const shape = ['1', ...(count > 1 ? [`or ${count}`] : [])].join(' ');
    const allowed = `{ data, dims }, a Float32Array of shape [${shape}${rank === 3 ? ', tokens' : ''}, ${width ?? 'width'}]`;
    throw invalidOption(name, shown, allowed);
  }
  const length = data.length / rows;
  return Array.from({ length: count }, (_, i) => {
    const start = rows === 1 ? 0 : i * length;
    return { data: data.subarray(start, start + length), dims: rest };
  });
}
