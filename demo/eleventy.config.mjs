// Builds the site into demo/_site: static files that any host serves, also under a sub-path. `npm run site`.
import { readFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { codeToTokens } from './build/code.mjs';
import { figure } from './build/figure.mjs';
import { markdown } from './build/markdown.mjs';
import { relativeLinks } from './build/links.mjs';
import { writeMathFont } from './build/math-font.mjs';
import { startingTag } from './build/starting-tag.mjs';
import { guidanceTable, lossCurve, samplersTable, varianceTable } from './build/measured.mjs';

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

export default async function (config) {
  config.setLibrary('md', markdown(await codeToTokens()));
  config.addPairedAsyncShortcode('figure', figure);
  config.addShortcode('lossCurve', lossCurve);
  config.addShortcode('varianceTable', varianceTable);
  config.addShortcode('guidanceTable', guidanceTable);
  config.addShortcode('samplersTable', samplersTable);
  config.addFilter('code', await codeToTokens());
  config.addFilter('json', (value) => JSON.stringify(value).replaceAll('<', '\\u003c'));
  config.addFilter('first_sentence', (text) => text.split(/(?<=[.:])\s/)[0].replace(/:$/, '.'));
  config.addFilter('only', (members, kind) =>
    members.filter((member) => member.kind === kind && member.description),
  );
  config.addFilter('names', (parameters = []) => parameters.map(({ name }) => name).join(', '));
  config.addFilter('ticks', (text = '') =>
    text.replaceAll('<', '&lt;').replace(/`([^`]+)`/g, '<code>$1</code>'),
  );
  config.addFilter('starting_tag', startingTag);
  config.addTransform('relative-links', relativeLinks);
  config.addCollection('course', (api) =>
    api.getFilteredByGlob('demo/course/*.md').sort((a, b) => a.data.order - b.data.order),
  );
  config.addCollection('guides', (api) =>
    api.getFilteredByGlob('demo/guides/*.md').sort((a, b) => a.data.order - b.data.order),
  );
  config.addGlobalData('elements', () => {
    const { modules } = readJson('dist/custom-elements.json');
    return modules.flatMap(({ declarations }) => declarations);
  });
  config.addPassthroughCopy({ 'demo/assets': 'assets', 'demo/pictures': 'pictures' });
  config.addPassthroughCopy({
    'dist/diffusion-elements.js': 'lib/diffusion-elements.js',
    'dist/worker.js': 'lib/worker.js',
    'dist/lazy': 'lib/lazy',
    'dist/runtime': 'lib/runtime',
    'dist/models': 'lib/models',
  });
  // They are made while the pages are.
  config.on('eleventy.after', async ({ directories, results }) => {
    await cp('demo/.cache/posters', `${directories.output}posters`, { recursive: true });
    const pages = results.map(({ content }) => content);
    await writeMathFont(`${directories.output}assets/math.woff2`, pages);
  });
  return {
    dir: { input: 'demo', output: 'demo/_site' },
    markdownTemplateEngine: 'njk',
    htmlTemplateEngine: 'njk',
    templateFormats: ['md', 'njk'],
  };
}
