import { invalidOption } from '../errors.js';
import type { Tensor } from '../kernels/arena.js';
import { perPicture, type BatchSize, type OneOrEach } from './batch.js';
import type { ModelTraits } from './options.js';

/** A size in pixels, or a place in a picture, as diffusers has them: height and width, top and left. */
export type Pair = readonly [number, number];

/** What models that read text are told. */
export interface PromptOptions {
  /** What to draw, in words: one prompt for all pictures, or one for each. */
  prompt?: OneOrEach<string>;
  /** What not to draw: used where there is guidance. */
  negativePrompt?: OneOrEach<string>;
  /** SDXL: what its second text encoder reads; the first's prompts by default. */
  prompt2?: OneOrEach<string>;
  negativePrompt2?: OneOrEach<string>;
  /** Text that is encoded already, [1 or pictures, tokens, width], instead of prompts. */
  promptEmbeds?: Tensor;
  negativePromptEmbeds?: Tensor;
  /** SDXL: beside them, [1 or pictures, width]. */
  pooledPromptEmbeds?: Tensor;
  negativePooledPromptEmbeds?: Tensor;
  /** SDXL: the size that the picture seems to have been scaled from; its own by default. */
  originalSize?: Pair;
  /** SDXL: the size that the picture seems to have been scaled to; its own by default. */
  targetSize?: Pair;
  /** SDXL: where the picture seems to have been cropped; [0, 0] by default. */
  cropsCoordsTopLeft?: Pair;
}

/** The prompts of a run with every default filled in. */
export interface Prompts {
  /** Of each picture, for each text encoder; the embeddings stand for them where they are given. */
  readonly positive: readonly (readonly string[])[];
  /** Undefined for a picture without a negative prompt. */
  readonly negative: readonly (readonly string[] | undefined)[];
  readonly embeds: {
    readonly positive: Tensor | undefined;
    readonly negative: Tensor | undefined;
    readonly positivePooled: Tensor | undefined;
    readonly negativePooled: Tensor | undefined;
  };
  readonly originalSize: Pair | undefined;
  readonly targetSize: Pair | undefined;
  readonly cropsCoordsTopLeft: Pair;
  readonly isGuided: boolean;
}

function checkText(name: string, value: unknown): void {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (value === undefined || value === null || list.every((each) => typeof each === 'string'))
    return;
  throw invalidOption(name, String(value), 'a text, or a list of texts');
}

function checkPair(name: string, pair: Pair | undefined, least: number): Pair | undefined {
  const fits =
    pair === undefined ||
    (Array.isArray(pair) &&
      pair.length === 2 &&
      pair.every((side) => Number.isInteger(side) && side >= least));
  if (!fits) throw invalidOption(name, String(pair), `two whole numbers of ${least} or more`);
  return pair;
}

/**
 * Reads and checks what is said of the prompts.
 *
 * @throws DiffusionError `invalid-option`
 */
export function readPrompts(
  options: PromptOptions,
  size: BatchSize,
  { takesPrompt }: ModelTraits,
  isGuided: boolean,
): { prompts: Prompts | undefined; notices: string[] } {
  const { prompt, negativePrompt, prompt2, negativePrompt2 } = options;
  const texts = { prompt, negativePrompt, prompt2, negativePrompt2 };
  for (const [name, value] of Object.entries(texts)) checkText(name, value);
  if (!takesPrompt) {
    const given = Object.entries(texts).find(([, value]) => value);
    if (given) {
      throw invalidOption(
        given[0],
        String(given[1]),
        'left out: this model does not read text, as the bundled one named emoji does',
      );
    }
    return { prompts: undefined, notices: [] };
  }
  const pairs = (first: PromptOptions['prompt'], second: PromptOptions['prompt']) => {
    const firsts = perPicture(first ?? undefined, size);
    const seconds = perPicture(second ?? undefined, size);
    return firsts.map((text, i) => {
      const other = seconds[i];
      return text === undefined && other === undefined
        ? undefined
        : [text ?? '', other ?? text ?? ''];
    });
  };
  const isSilent = prompt === undefined && prompt2 === undefined && !options.promptEmbeds;
  const notices = [
    ...(isSilent ? ['There is no prompt, so the model draws what it likes.'] : []),
    ...(!isGuided && negativePrompt
      ? ['The negative prompt is not used: there is no guidance at this guidanceScale.']
      : []),
  ];
  return {
    prompts: {
      positive: pairs(prompt, prompt2).map((texts) => texts ?? ['', '']),
      negative: pairs(negativePrompt, negativePrompt2),
      embeds: {
        positive: options.promptEmbeds ?? undefined,
        negative: options.negativePromptEmbeds ?? undefined,
        positivePooled: options.pooledPromptEmbeds ?? undefined,
        negativePooled: options.negativePooledPromptEmbeds ?? undefined,
      },
      originalSize: checkPair('originalSize', options.originalSize, 1),
      targetSize: checkPair('targetSize', options.targetSize, 1),
      cropsCoordsTopLeft: checkPair('cropsCoordsTopLeft', options.cropsCoordsTopLeft, 0) ?? [0, 0],
      isGuided,
    },
    notices,
  };
}
