const WORDS =
  /[\p{L}\p{N}\p{M}'’_-]+|\p{Extended_Pictographic}(?:\u200d?[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f\u20e3])*/gu;

/** The words of a text, and the emoji in it, without signs between them; each with the place where it begins. */
export function wordsOf(text: string): { readonly text: string; readonly index: number }[] {
  return Array.from(text.matchAll(WORDS), ({ 0: word, index }) => ({ text: word, index }));
}
