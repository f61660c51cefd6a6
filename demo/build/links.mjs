// Pages link to each other and to their files from the root; written out they do so relative to themselves, so that the site
// works wherever it lies.

/** An Eleventy transform. */
export function relativeLinks(content) {
  const { url } = this.page;
  if (!this.page.outputPath?.endsWith('.html')) return content;
  const depth = url.split('/').length - 2;
  const root = depth === 0 ? './' : '../'.repeat(depth);
  return content.replace(
    /(\s(?:href|src|image|poster|posters|from-src|to-src|data-base)=")([^"]*)"/g,
    (_, head, value) => {
      const moved = value
        .split(' ')
        .map((path) => (/^\/(?!\/)/.test(path) ? root + path.slice(1) : path));
      return `${head}${moved.join(' ')}"`;
    },
  );
}
