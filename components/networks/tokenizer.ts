import type { Tokenizer as Library } from '@huggingface/tokenizers';
import { DiffusionError } from '../errors.js';
import { loadTokenizers } from '../runtime/tokenizers.js';

/** A prompt as the text encoder reads it. */
export interface Tokens {
  /** As many as the encoder takes: cut, or padded. */
  readonly ids: readonly number[];
  /** The end of the prompt that did not fit; empty where all of it did. */
  readonly cut: string;
  /** Ids before the padding. */
  readonly length: number;
}

/** The JSON files of a tokenizer's folder; where there is no tokenizer.json, what it is made from. */
export interface TokenizerFiles {
  readonly tokenizer: Readonly<Record<string, unknown>> | undefined;
  readonly config: Readonly<Record<string, unknown>>;
  readonly specialTokens: Readonly<Record<string, unknown>>;
  readonly vocabulary?: Readonly<Record<string, unknown>>;
  readonly merges?: string;
}

/** Characters of a prompt that are looked at, for each token that is read. */
const CHARACTERS = 100;
/** Beyond this, `model_max_length` stands for "no limit". */
const NO_LIMIT = 1e6;

const contentOf = (token: unknown): string | undefined =>
  typeof token === 'string' ? token : (token as { content?: string } | null | undefined)?.content;

/** Cuts prompts into the tokens of a text encoder, as transformers' tokenizers do. */
export class Tokenizer {
  readonly #library: Library;
  readonly #padId: number;

  private constructor(
    library: Library,
    readonly files: TokenizerFiles,
    /** Ids of a prompt, start and end included. */
    readonly length: number,
  ) {
    this.#library = library;
    const { config, specialTokens } = files;
    const pad = contentOf(config['pad_token']) ?? contentOf(specialTokens['pad_token']);
    const end = contentOf(config['eos_token']) ?? contentOf(specialTokens['eos_token']);
    this.#padId = this.#idOf(pad) ?? this.#idOf(end) ?? 0;
  }

  /**
   * @param most the positions of the text encoder, for tokenizers that name no length
   * @throws `model-invalid`
   */
  static async create(files: TokenizerFiles, most: number): Promise<Tokenizer> {
    const { Tokenizer: Library } = await loadTokenizers();
    const length = Number(files.config['model_max_length']);
    try {
      const library = new Library(files.tokenizer ?? fromVocabulary(files), files.config);
      return new Tokenizer(library, files, length > 0 && length < NO_LIMIT ? length : most);
    } catch (error) {
      throw new DiffusionError(
        'model-invalid',
        `The model's tokenizer can't be read (${(error as Error).message}).`,
        { cause: error },
      );
    }
  }

  encode(text: string): Tokens {
    // No token is longer than this on average.
    const most = CHARACTERS * this.length;
    const whole = this.#library.encode(text.slice(0, most)).ids;
    if (whole.length <= this.length) {
      const padding = Array<number>(this.length - whole.length).fill(this.#padId);
      return { ids: [...whole, ...padding], cut: '', length: whole.length };
    }
    // The end token stays.
    const kept = this.length - 1;
    const cut = this.#library.decode(whole.slice(kept, -1), { skip_special_tokens: true });
    // Where the cut goes through a letter, its rest is none.
    const rest = cut.replace(/^\ufffd+/, '').trim();
    return { ids: [...whole.slice(0, kept), whole.at(-1)!], cut: rest, length: this.length };
  }

  #idOf(token: string | undefined): number | undefined {
    return token === undefined ? undefined : this.#library.token_to_id(token);
  }
}

const START = '<|startoftext|>';
const END = '<|endoftext|>';
const WORDS =
  "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

/** CLIP's tokenizer, as its fast version stands in a tokenizer.json, from the files of its slow one. */
function fromVocabulary({ vocabulary, merges }: TokenizerFiles): Record<string, unknown> {
  const start = vocabulary?.[START];
  const end = vocabulary?.[END];
  if (!vocabulary || merges === undefined || typeof start !== 'number' || typeof end !== 'number') {
    throw new Error('it has neither a tokenizer.json nor the vocab.json and merges.txt of CLIP');
  }
  const special = (id: number, content: string) => ({
    id,
    content,
    special: true,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
  });
  return {
    version: '1.0',
    added_tokens: [special(start, START), special(end, END)],
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'NFC' },
        { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
        { type: 'Lowercase' },
      ],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        {
          type: 'Split',
          pattern: {
            Regex: WORDS,
          },
          behavior: 'Removed',
          invert: true,
        },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true },
      ],
    },
    post_processor: {
      type: 'RobertaProcessing',
      sep: [END, end],
      cls: [START, start],
      trim_offsets: false,
      add_prefix_space: false,
    },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true },
    model: {
      type: 'BPE',
      unk_token: END,
      continuing_subword_prefix: '',
      end_of_word_suffix: '</w>',
      fuse_unk: false,
      vocab: vocabulary,
      merges: merges
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line && !line.startsWith('#version')),
    },
  };
}
