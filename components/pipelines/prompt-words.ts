import { wordsOf } from '../pictures/words.js';
import type { Tokenizer } from '../networks/tokenizer.js';

/** A word of a prompt, and the tokens that stand for it: from `first` to before `end`. */
export interface PromptWord {
  readonly text: string;
  readonly first: number;
  readonly end: number;
}

/** The words of a prompt that fit into the tokens of its text encoder, without signs between them. */
export function promptWords(prompt: string, tokenizer: Tokenizer): PromptWord[] {
  const { length } = tokenizer.encode(prompt);
  // A prompt's beginning has the same tokens alone, and an end token after them.
  const tokensTo = (index: number) => tokenizer.encode(prompt.slice(0, index)).length - 1;
  const words: PromptWord[] = [];
  for (const { text, index } of wordsOf(prompt)) {
    const first = tokensTo(index);
    const end = tokensTo(index + text.length);
    if (first >= length - 1) break;
    if (end > first) words.push({ text, first, end: Math.min(end, length - 1) });
  }
  return words;
}
