// Builds the site into demo/_site: static files that any host serves, also under a sub-path. `npm run site`.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { bundledModels } from '../components/runtime/bundled-models.ts';
import { codeToTokens } from './build/code.mjs';
import { figure } from './build/figure.mjs';
import { markdown } from './build/markdown.mjs';
import { relativeLinks } from './build/links.mjs';
import { writeIcon } from './build/icons.mjs';
import { writeMathFont } from './build/math-font.mjs';
import { playgroundForm } from './build/playground-form.mjs';
import { startingTag } from './build/starting-tag.mjs';
import { guidanceTable, lossCurve, samplersTable, varianceTable } from './build/measured.mjs';

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

const hashOf = (files) => {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 12);
};

/** Megabytes that drawing with a bundled model fetches, its encoder for pictures left out. */
function downloadSize(model) {
  const { files } = bundledModels[model];
  // A network is fetched in one type, and the encoder for pictures to start from only.
  const isSecond = (file) =>
    file.endsWith('_quantized.onnx') && files[file.replace('_quantized', '_int8')];
  const read = Object.entries(files).filter(
    ([file]) => !file.startsWith('vae_encoder/') && !isSecond(file),
  );
  return Math.round(read.reduce((sum, [, { size }]) => sum + size, 0) / 1e6);
}

export default async function (config) {
  config.setLibrary('md', markdown(await codeToTokens()));
  config.addPairedAsyncShortcode('figure', figure);
  // Within an HTML comment, for pages that are read as plain Markdown, too.
  config.addPairedAsyncShortcode(
    'figureBehind',
    async (...said) => `-->${await figure(...said)}<!--`,
  );
  config.addShortcode('lossCurve', lossCurve);
  config.addShortcode('varianceTable', varianceTable);
  config.addShortcode('guidanceTable', guidanceTable);
  config.addShortcode('samplersTable', samplersTable);
  config.addFilter('code', await codeToTokens());
  config.addFilter('first_sentence', (text) => text.split(/(?<=[.:])\s/)[0].replace(/:$/, '.'));
  config.addFilter('only', (members, kind) =>
    members.filter((member) => member.kind === kind && member.description),
  );
  config.addFilter('names', (parameters = []) => parameters.map(({ name }) => name).join(', '));
  config.addFilter('ticks', (text = '') =>
    text.replaceAll('<', '&lt;').replace(/`([^`]+)`/g, '<code>$1</code>'),
  );
  config.addFilter('starting_tag', startingTag);
  config.addFilter('playground_form', playgroundForm);
  config.addFilter('downloadSize', downloadSize);
  config.addGlobalData('version', () => hashOf(['dist/diffusion-elements.js', 'dist/worker.js']));
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
    'node_modules/idb-keyval/dist/index.js': 'assets/idb-keyval.js',
  });
  // They are made while the pages are.
  config.on('eleventy.after', async ({ directories, results }) => {
    await cp('demo/.cache/posters', `${directories.output}posters`, { recursive: true });
    const pages = results.map(({ content }) => content);
    for (const side of [192, 512]) {
      await writeIcon(`${directories.output}assets/icon-${side}.png`, side);
    }
    await writeMathFont(`${directories.output}assets/math.woff2`, pages);
  });
  return {
    dir: { input: 'demo', output: 'demo/_site' },
    markdownTemplateEngine: 'njk',
    htmlTemplateEngine: 'njk',
    templateFormats: ['md', 'njk'],
  };
}
