import { cp, mkdir } from 'node:fs/promises';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import esbuild from 'rollup-plugin-esbuild';
import { shippedFiles, shippedName } from './models/embed.mjs';
import { packedFolder } from './components/runtime/packing/pack.mjs';

const production = !process.env.ROLLUP_WATCH;
const compile = esbuild({ target: 'es2022', minify: production, tsconfig: 'tsconfig.json' });
const resolve = nodeResolve({
  browser: true,
  preferBuiltins: false,
  exportConditions: ['browser', 'import'],
});

/** Scripts that are found by their address when they run are no business of an app's bundler. */
const leaveImportsAlone = {
  name: 'leave-imports-alone',
  renderChunk: (code) =>
    code.replace(/\bimport\((?!["'])/g, 'import(/* webpackIgnore: true */ /* @vite-ignore */ '),
};

/**
 * Gives onnxruntime-web our own `fetch` and `WebAssembly`, and takes the addresses of its files from it, which bundlers
 * would look for.
 */
const bindRuntime = {
  name: 'bind-runtime',
  transform(code, id) {
    if (!/onnxruntime-web\/dist\/ort\..*\.mjs$/.test(id)) return null;
    const source = new URL('./components/runtime/build-source.ts', import.meta.url).pathname;
    const unbound = code.replace(/\("ort[^"]*",import\.meta\.url\)/g, '(import.meta.url)');
    return `import { fetch, WebAssembly } from ${JSON.stringify(source)};\n${unbound}`;
  },
};

/** The runtime's WASM, compressed, and the bundled models' files stand beside the scripts. */
const copyAssets = {
  name: 'copy-assets',
  async writeBundle() {
    await mkdir('dist/runtime', { recursive: true });
    await cp(packedFolder, 'dist/runtime', { recursive: true });
    for (const [model, files] of Object.entries(shippedFiles)) {
      for (const file of files) {
        await cp(`models/${model}/${file}`, `dist/models/${model}/${shippedName(file)}`);
      }
    }
  },
};

const output = (dir) => ({
  dir,
  format: 'es',
  entryFileNames: '[name].js',
  chunkFileNames: '[name]-[hash].js',
});

/** A library's part for Node is no part of a page. */
const leaveNodeOut = {
  name: 'leave-node-out',
  resolveId: (source) =>
    source.startsWith('node:') ? { id: '\0none', moduleSideEffects: false } : null,
  load: (id) => (id === '\0none' ? 'export default undefined;' : null),
};

/** The licence of what is bundled asks for a word on where its source is. */
const credits = {
  name: 'credits',
  renderChunk: (code, chunk) =>
    Object.keys(chunk.modules).some((id) => id.includes('/node_modules/mediabunny/'))
      ? `/* Holds mediabunny, MPL-2.0: https://github.com/Vanilagy/mediabunny */\n${code}`
      : null,
};

/** A script that stands alone, so that it can be carried as a file and run from wherever it lies. */
const alone = (input, file, plugins) => ({
  input,
  plugins: [leaveNodeOut, resolve, ...plugins, compile, leaveImportsAlone, credits],
  output: { file, format: 'es', inlineDynamicImports: true },
});

/** What elements load when they need it; each stands alone beside the one file for a script tag. */
const lazy = {
  'chart-geometry': 'components/elements/diffusion-schedule/chart-geometry.ts',
  'create-scheduler': 'components/schedulers/create-scheduler.ts',
  'example-pictures': 'components/pictures/example-pictures.ts',
  'forward-process': 'components/pictures/forward-process.ts',
  'gif-writer': 'components/controllers/gif-writer.ts',
  'settings-file': 'components/controllers/settings-file.ts',
  'video-writer': 'components/controllers/video-writer.ts',
};

const leaveLazyOut = {
  name: 'leave-lazy-out',
  resolveDynamicImport(specifier) {
    const name = /([^/]+)\.js$/.exec(specifier)?.[1];
    return name in lazy ? { id: `./lazy/${name}.js`, external: true } : null;
  },
};

/** Pages and workers find the tokenizers' script by its address; Node by its name. */
const leaveTokenizersOut = {
  name: 'leave-tokenizers-out',
  resolveId: (source) => (source === '@huggingface/tokenizers' ? '\0none' : null),
};

export default [
  {
    // For people with a bundler: the elements and the headless entries.
    input: {
      index: 'components/index.ts',
      'diffusion-forward': 'components/elements/diffusion-forward/define.ts',
      'diffusion-schedule': 'components/elements/diffusion-schedule/define.ts',
      'diffusion-interpolate': 'components/elements/diffusion-interpolate/define.ts',
      'diffusion-compare': 'components/elements/diffusion-compare/define.ts',
      'diffusion-train': 'components/elements/diffusion-train/define.ts',
      'diffusion-inpaint': 'components/elements/diffusion-inpaint/define.ts',
      'diffusion-canvas': 'components/elements/diffusion-canvas/define.ts',
      'diffusion-mask': 'components/elements/diffusion-mask/define.ts',
      'diffusion-sampler': 'components/elements/diffusion-sampler/define.ts',
      pipeline: 'components/pipelines/index.ts',
      schedulers: 'components/schedulers/index.ts',
    },
    external: [/^lit($|\/)/, /^d3-/],
    plugins: [
      leaveNodeOut,
      leaveTokenizersOut,
      resolve,
      compile,
      leaveImportsAlone,
      credits,
      copyAssets,
    ],
    output: output('dist'),
  },
  // The one file for a script tag.
  {
    ...alone('components/index.ts', 'dist/diffusion-elements.js', [
      leaveLazyOut,
      leaveTokenizersOut,
    ]),
    makeAbsoluteExternalsRelative: false,
  },
  ...Object.entries(lazy).map(([name, input]) => alone(input, `dist/lazy/${name}.js`, [])),
  alone('components/worker/worker.ts', 'dist/worker.js', [leaveTokenizersOut]),
  alone('components/runtime/build-tokenizers.ts', 'dist/runtime/tokenizers.js', []),
  ...['wasm', 'jspi', 'asyncify'].map((build) =>
    alone(`components/runtime/build-${build}.ts`, `dist/runtime/${build}.js`, [bindRuntime]),
  ),
  {
    // Node: onnxruntime-web finds its own WASM.
    input: {
      pipeline: 'components/pipelines/index.ts',
      schedulers: 'components/schedulers/index.ts',
      cli: 'components/cli/cli.ts',
    },
    external: [/^onnxruntime-web/, /^node:/],
    plugins: [nodeResolve({ exportConditions: ['node', 'import'] }), compile],
    output: output('dist/node'),
  },
];
