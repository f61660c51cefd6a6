// Compresses onnxruntime-web's WASM once, into node_modules/.cache, and writes what is known of the packed files as a
// TypeScript module: a plain static server then sends 3.7 MB instead of 14.2, and every byte can be checked.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';

const sources = {
  wasm: 'ort-wasm-simd-threaded.wasm',
  jspi: 'ort-wasm-simd-threaded.jspi.wasm',
  asyncify: 'ort-wasm-simd-threaded.asyncify.wasm',
};

const from = 'node_modules/onnxruntime-web';
const { version } = JSON.parse(await readFile(`${from}/package.json`, 'utf8'));
export const packedFolder = `node_modules/.cache/diffusion-elements/onnxruntime-web-${version}`;
await mkdir(packedFolder, { recursive: true });

const files = {};
for (const [build, source] of Object.entries(sources)) {
  const packed = `${packedFolder}/${build}.bin`;
  if (!existsSync(packed)) {
    await writeFile(packed, gzipSync(await readFile(`${from}/dist/${source}`), { level: 9 }));
  }
  const bytes = await readFile(packed);
  files[build] = {
    size: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}

await writeFile(
  'components/runtime/runtime-files.ts',
  `// Generated from onnxruntime-web ${version} by components/runtime/pack.mjs.\n` +
    `export const runtimeFiles = ${JSON.stringify(files, null, 2)} as const;\n`,
);
