// Compresses onnxruntime-web's WASM once, into node_modules/.cache, and writes what is known of the packed files as a
// TypeScript module: a plain static server then sends few bytes, and every one can be checked. The build for CPUs is taken apart
// first: what our own networks need starts with 1.5 MB instead of 3.7.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { sources, version } from './sources.mjs';
import { anatomy, REST_IS_MISSING, split } from './split.mjs';

const profile = JSON.parse(await readFile(new URL('core-functions.json', import.meta.url), 'utf8'));
if (profile.version !== version) {
  throw new Error(
    `core-functions.json is of onnxruntime-web ${profile.version}, and ${version} is installed: run ` +
      'node components/runtime/packing/profile.mjs with the last build, then build again.',
  );
}

const hashOf = (bytes) => createHash('sha256').update(bytes).digest('hex');
const recipe = await readFile(new URL('split.mjs', import.meta.url), 'utf8');
const state = hashOf(recipe + profile.functions).slice(0, 8);
export const packedFolder = `node_modules/.cache/diffusion-elements/onnxruntime-web-${version}-${state}`;
await mkdir(packedFolder, { recursive: true });

/** Packs what is made where it isn't there yet; tells its size and hash. */
async function pack(name, make) {
  const file = `${packedFolder}/${name}.bin`;
  if (!existsSync(file)) await writeFile(file, gzipSync(await make(), { level: 9 }));
  const bytes = await readFile(file);
  return { size: bytes.length, sha256: hashOf(bytes) };
}

let parts;
const takenApart = async () =>
  (parts ??= split(await readFile(sources.wasm), numbers(profile.functions)));

function numbers(ranges) {
  return ranges
    .split(' ')
    .filter(Boolean)
    .flatMap((range) => {
      const [first, last = first] = range.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, i) => first + i);
    });
}

const files = {
  wasm: await pack('wasm', async () => (await takenApart()).core),
  'wasm-rest': await pack('wasm-rest', async () => (await takenApart()).rest),
  jspi: await pack('jspi', () => readFile(sources.jspi)),
  asyncify: await pack('asyncify', () => readFile(sources.asyncify)),
};

const hook = anatomy(await readFile(sources.wasm)).hook.name;

await writeFile(
  'components/runtime/runtime-files.ts',
  `// Generated from onnxruntime-web ${version} by components/runtime/packing/pack.mjs.\n` +
    `export const runtimeFiles = ${JSON.stringify(files, null, 2)} as const;\n` +
    '/** What the core of the build for CPUs passes to this import when it misses the rest. */\n' +
    `export const REST_HOOK = '${hook}';\nexport const REST_IS_MISSING = ${REST_IS_MISSING};\n`,
);
