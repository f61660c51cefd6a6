import eslint from '@eslint/js';
import { configs as lit } from 'eslint-plugin-lit';
import { configs as wc } from 'eslint-plugin-wc';
import tseslint from 'typescript-eslint';

/**
 * The floors of components/, from the ground up, each with the floors that it may import from.
 * errors.ts lies below them all.
 */
const floors = {
  kernels: [],
  schedulers: ['kernels'],
  training: ['kernels', 'schedulers'],
  runtime: [],
  strings: [],
  pictures: ['kernels', 'schedulers'],
  networks: ['kernels', 'runtime'],
  pipelines: ['kernels', 'schedulers', 'runtime', 'networks', 'pictures'],
  worker: ['runtime', 'pictures', 'training', 'pipelines'],
  controllers: ['schedulers', 'runtime', 'strings', 'pictures', 'training', 'worker'],
  elements: ['runtime', 'strings', 'pictures', 'training', 'worker', 'controllers'],
  cli: ['runtime', 'pictures', 'pipelines'],
};

const importRules = Object.entries(floors).map(([floor, below]) => ({
  files: [`components/${floor}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^(\\.\\./)+(?!\\.\\./|${['errors\\.js', ...below.map((name) => `${name}/`)].join('|')})${
              floor === 'elements' ? '(?!base/|diffusion-mask/|events\\.js)' : ''
            }`,
            message: `components/${floor} may import from ${below.join(', ') || 'no other floor'}.`,
          },
          ...(floor === 'runtime'
            ? []
            : [
                {
                  regex: '^onnxruntime-web',
                  message: 'Only components/runtime knows onnxruntime-web.',
                },
              ]),
        ],
      },
    ],
  },
}));

const browserGlobals = { files: ['demo/assets/*.js'], languageOptions: { globals: browser() } };

function browser() {
  return Object.fromEntries(
    [
      'document',
      'navigator',
      'setTimeout',
      'clearTimeout',
      'history',
      ...['Image', 'URL', 'File', 'ClipboardItem', 'customElements', 'confirm'],
      'location',
      'Option',
      'URLSearchParams',
      'addEventListener',
    ].map((name) => [name, 'readonly']),
  );
}

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'demo/_site/',
      'node_modules/',
      'assembly/*.ts',
      'components/kernels/kernels-wasm.ts',
      'test/integration/apps/',
    ],
  },
  eslint.configs.recommended,
  tseslint.configs.recommended,
  lit['flat/recommended'],
  wc['flat/best-practice'],
  {
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      'no-console': ['error', { allow: ['warn'] }],
    },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'process',
          'console',
          'Buffer',
          'URL',
          'performance',
          'setTimeout',
          'document',
          'window',
          'WebAssembly',
          'BroadcastChannel',
          'GPUAdapter',
          'Worker',
          'navigator',
          'atob',
          'fetch',
          'PerformanceObserver',
          'gc',
        ].map((name) => [name, 'readonly']),
      ),
    },
    rules: { 'no-console': 'off' },
  },
  browserGlobals,
  { files: ['test/**/*.ts'], rules: { '@typescript-eslint/no-unused-expressions': 'off' } },
  { files: ['test/bench/**'], rules: { 'no-console': 'off' } },
  ...importRules,
);
