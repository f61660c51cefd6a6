import { de } from './de.js';
import { en } from './en.js';
import { es } from './es.js';
import { zh } from './zh.js';

/** Everything that elements say to people, by what it is for; `{name}` stands for a value. */
export type Strings = Record<keyof typeof en, string>;

/** By language, as in a `lang` attribute. */
const languages = new Map<string, Partial<Strings>>(Object.entries({ de, en, es, zh }));

/**
 * Adds a language, or replaces some strings of one that is there; what is missing stays English.
 *
 * @param language as in a `lang` attribute, such as `fr` or `pt-BR`
 */
export function addStrings(language: string, strings: Partial<Strings>): void {
  const key = language.toLowerCase();
  languages.set(key, { ...languages.get(key), ...strings });
}

/** The strings of a language: its own, else those of the language without its region, else English. */
export function stringsOf(language: string): Strings {
  const [base = ''] = language.toLowerCase().split('-');
  return { ...en, ...languages.get(base), ...languages.get(language.toLowerCase()) };
}

/** Puts values in place of the names in braces. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (all, name: string) => String(values[name] ?? all));
}
