// The apps and how each is run. `package` is the one whose version is reported. A run calls npm scripts, where it names
// any; then it serves a folder, or starts a command that serves at a port (also in the variable PORT). `thread` is where it
// draws, the worker unless told; `expects` are console errors that belong to it.

const vite = (port) => ['vite', '--port', port, '--strictPort'];
const vitePreview = (port) => ['vite', 'preview', '--port', port, '--strictPort'];
const nextStart = (port) => ['next', 'start', '-p', port];

const built = { mode: 'build', scripts: ['build'], folder: 'dist', emitted: 'dist' };
const checked = { ...built, scripts: ['check', 'build'] };
const viteRuns = [
  { mode: 'dev', command: vite },
  { mode: 'build', scripts: ['build'], command: vitePreview, emitted: 'dist' },
];

const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
  "img-src 'self' blob: data:",
  "style-src 'self'",
  "require-trusted-types-for 'script'",
  'trusted-types diffusion-elements lit-html',
].join('; ');

export const apps = [
  { name: 'vite6', package: 'vite', runs: viteRuns },
  { name: 'vite-latest', package: 'vite', runs: viteRuns },
  {
    name: 'vite6-workspace',
    package: 'vite',
    runs: [{ mode: 'dev', command: (port) => ['vite', 'site', '--port', port, '--strictPort'] }],
  },
  { name: 'webpack5', package: 'webpack', runs: [built] },
  { name: 'rollup', package: 'rollup', runs: [built] },
  { name: 'parcel', package: 'parcel', runs: [built] },
  {
    name: 'esbuild',
    package: 'esbuild',
    runs: [{ ...built, folder: 'public', emitted: 'public' }],
  },
  { name: 'react-ts', package: 'react', runs: [checked] },
  { name: 'preact', package: 'preact', runs: [{ mode: 'dev', command: vite }, checked] },
  { name: 'vue', package: 'vue', runs: [checked] },
  { name: 'svelte', package: 'svelte', runs: [checked] },
  { name: 'solid', package: 'solid-js', runs: [checked] },
  {
    name: 'astro',
    package: 'astro',
    rendersMarkup: true,
    runs: [{ mode: 'dev', command: (port) => ['astro', 'dev', '--port', port] }, built],
  },
  {
    name: 'next',
    package: 'next',
    rendersMarkup: true,
    runs: [
      { mode: 'dev', command: (port) => ['next', 'dev', '-p', port] },
      { mode: 'build', scripts: ['build'], command: nextStart, emitted: '.next/static' },
      {
        mode: 'build, webpack',
        scripts: ['build:webpack'],
        command: nextStart,
        emitted: '.next/static',
      },
    ],
  },
  {
    name: 'sveltekit',
    package: '@sveltejs/kit',
    rendersMarkup: true,
    runs: [
      { mode: 'dev', command: vite },
      {
        mode: 'build',
        scripts: ['build'],
        command: () => ['node', 'build'],
        emitted: 'build/client',
      },
    ],
  },
  {
    name: 'plain',
    runs: [
      { mode: 'other origin', folder: '.', otherOrigin: 'node_modules/diffusion-elements/dist' },
    ],
  },
  {
    name: 'csp',
    runs: [
      { mode: 'strict policy', folder: '.', headers: { 'content-security-policy': policy } },
      {
        mode: 'cross-origin isolated',
        folder: '.',
        headers: {
          'cross-origin-opener-policy': 'same-origin',
          'cross-origin-embedder-policy': 'require-corp',
        },
      },
      {
        mode: 'sandboxed',
        folder: '.',
        headers: {
          'content-security-policy': 'sandbox allow-scripts',
          'access-control-allow-origin': '*',
        },
        // A sandbox without an origin of its own has no workers.
        thread: 'page',
      },
      {
        mode: 'no workers',
        folder: '.',
        headers: {
          'content-security-policy': `${policy.replace("worker-src 'self'", "worker-src 'none'")}`,
        },
        thread: 'page',
        // The browser itself reports the worker that it refuses.
        expects: /worker-src 'none'/,
      },
    ],
  },
];
