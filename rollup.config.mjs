import { cp, mkdir } from 'node:fs/promises';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import esbuild from 'rollup-plugin-esbuild';

const production = !process.env.ROLLUP_WATCH;
const compile = esbuild({ target: 'es2022', minify: production, tsconfig: 'tsconfig.json' });
const browser = [
  nodeResolve({
    browser: true,
    exportConditions: ['onnxruntime-web-use-extern-wasm', 'browser', 'import'],
  }),
  compile,
];

/** onnxruntime-web's glue and WASM stand beside the bundle, where the runtime looks for them. */
const copyRuntime = {
  name: 'copy-runtime',
  async writeBundle() {
    await mkdir('dist/ort', { recursive: true });
    const builds = ['', '.jspi', '.asyncify'].flatMap((build) =>
      ['mjs', 'wasm'].map((extension) => `ort-wasm-simd-threaded${build}.${extension}`),
    );
    for (const file of builds) {
      await cp(`node_modules/onnxruntime-web/dist/${file}`, `dist/ort/${file}`);
    }
  },
};

/** The default model stands beside the bundle too. */
const copyModel = {
  name: 'copy-model',
  writeBundle: () =>
    cp('models/fashion-mnist', 'dist/models/fashion-mnist', {
      recursive: true,
      filter: (source) => !source.endsWith('.png') && !source.endsWith('.md'),
    }),
};

const output = (dir) => ({
  dir,
  format: 'es',
  entryFileNames: '[name].js',
  chunkFileNames: '[name]-[hash].js',
});

// Files that are found at run time, beside whichever bundle asks for them.
const host = './host.js';

export default [
  {
    // The worker, the headless entries and the elements for people with a bundler.
    input: {
      index: 'components/index.ts',
      'diffusion-inpaint': 'components/elements/diffusion-inpaint/define.ts',
      'diffusion-mask': 'components/elements/diffusion-mask/define.ts',
      'diffusion-sampler': 'components/elements/diffusion-sampler/define.ts',
      pipeline: 'components/pipelines/index.ts',
      schedulers: 'components/schedulers/index.ts',
      worker: 'components/worker/worker.ts',
      host: 'components/worker/host.ts',
    },
    external: [/^lit($|\/)/],
    plugins: [...browser, copyRuntime, copyModel],
    output: output('dist'),
  },
  {
    // The one file for a script tag.
    input: 'components/index.ts',
    external: (id) => id === host,
    plugins: browser,
    output: { file: 'dist/diffusion-elements.js', format: 'es', paths: { [host]: host } },
    makeAbsoluteExternalsRelative: false,
  },
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
