import MarkdownIt from 'markdown-it';
import temml from 'temml';

const toMathMl = (tex, displayMode) =>
  temml.renderToString(tex, { displayMode, throwOnError: true });

/** `$…$` within a line. */
function inlineMath(state, silent) {
  const { src, pos } = state;
  if (src[pos] !== '$' || src[pos + 1] === '$') return false;
  const end = src.indexOf('$', pos + 1);
  if (end < 0 || end === pos + 1) return false;
  if (!silent) state.push('html_inline', '', 0).content = toMathMl(src.slice(pos + 1, end), false);
  state.pos = end + 1;
  return true;
}

/** `$$…$$` on lines of its own. */
function blockMath(state, startLine, endLine, silent) {
  const lineAt = (line) =>
    state.src.slice(state.bMarks[line] + state.tShift[line], state.eMarks[line]);
  if (!lineAt(startLine).startsWith('$$')) return false;
  if (silent) return true;
  let line = startLine;
  let tex = lineAt(line).slice(2);
  while (!tex.trimEnd().endsWith('$$') && ++line < endLine) tex += `\n${lineAt(line)}`;
  // Those that stand side by side in print stand below each other here: a phone is narrow.
  const formulas = tex.trimEnd().replace(/\$\$$/, '').split('\\qquad');
  const lines = formulas.map((each) => toMathMl(each.trim().replace(/,$/, ''), true));
  state.push('html_block', '', 0).content =
    `<div class="formula" tabindex="0">${lines.join('')}</div>\n`;
  state.line = line + 1;
  return true;
}

/** Markdown with formulas as MathML and coloured code. */
export function markdown(highlight) {
  const library = new MarkdownIt({ html: true, typographer: true, highlight });
  library.inline.ruler.after('escape', 'math', inlineMath);
  library.block.ruler.before('fence', 'math', blockMath, { alt: ['paragraph'] });
  // Shiki gives the whole block, and a table may be wider than a phone.
  library.renderer.rules.fence = (tokens, index, options) => {
    const { content, info } = tokens[index];
    return options.highlight(content, info.trim() || 'text');
  };
  library.renderer.rules.table_open = () => '<div class="table" tabindex="0"><table>';
  library.renderer.rules.table_close = () => '</table></div>';
  return library;
}
