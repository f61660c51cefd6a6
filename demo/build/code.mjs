import { createHighlighter } from 'shiki';

let highlighter;

/** Colours code when the site is built, for light and dark pages alike. */
export async function codeToTokens() {
  highlighter ??= await createHighlighter({
    themes: ['github-light-high-contrast', 'github-dark-high-contrast'],
    langs: ['html', 'js', 'ts', 'jsx', 'vue', 'svelte', 'sh', 'json', 'css', 'python'],
  });
  const known = highlighter.getLoadedLanguages();
  return (code, lang = 'html') =>
    highlighter.codeToHtml(code.trim(), {
      lang: known.includes(lang) ? lang : 'text',
      themes: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
      defaultColor: 'light-dark()',
    });
}
