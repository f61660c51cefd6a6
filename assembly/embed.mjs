// Writes the compiled kernels as a TypeScript module, so that they need no request, no URL and no rule of
// a bundler, and can be instantiated synchronously.
import { readFile, writeFile } from 'node:fs/promises';

const wasm = await readFile('dist/kernels.wasm');
await writeFile(
  'components/kernels/kernels-wasm.ts',
  `// Generated from assembly/ by npm run build:kernels.\nexport const kernelsWasm: string =\n  '${wasm.toString('base64')}';\n`,
);
