// A font for formulas, with the signs of this site only: few phones have one whose roots and brackets grow.
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import subsetFont from 'subset-font';

const source = createRequire(import.meta.url).resolve(
  '@fontsource/stix-two-math/files/stix-two-math-latin-400-normal.woff2',
);
const MARKUP = /<[^>]+>/g;
const ENTITY = /&#(x?)([\da-f]+);/gi;

/** Signs that formulas put together from others. */
const ALWAYS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789()[]{}|‖√∑∫⏞⏟+−=·,.';

/** Every sign within a formula of these pages. */
function signsOf(pages) {
  const signs = new Set(ALWAYS);
  for (const page of pages) {
    for (const [formula] of page.matchAll(/<math[\s\S]*?<\/math>/g)) {
      const text = formula
        .replace(MARKUP, '')
        .replace(ENTITY, (_, hex, digits) => String.fromCodePoint(parseInt(digits, hex ? 16 : 10)));
      for (const sign of text) signs.add(sign);
    }
  }
  return [...signs].join('');
}

/** @param pages the HTML of the site */
export async function writeMathFont(file, pages) {
  const font = await subsetFont(await readFile(source), signsOf(pages), { targetFormat: 'woff2' });
  await writeFile(file, font);
}
