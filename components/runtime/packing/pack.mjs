// Compresses onnxruntime-web's WASM once, into node_modules/.cache, and writes what is known of the packed files as a
// TypeScript module: a plain static server then sends few bytes, and every one can be checked. What runs on CPUs is taken apart
// first: our own networks start with 1.5 MB of the build for CPUs instead of 3.7.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { anatomy } from './anatomy.mjs';
import { sources, takenApart, version } from './sources.mjs';
import { REST_IS_MISSING, split as takeApart } from './split.mjs';

const profile = JSON.parse(await readFile(new URL('core-functions.json', import.meta.url), 'utf8'));
if (profile.version !== version) {
  throw new Error(
    `core-functions.json is of onnxruntime-web ${profile.version}, and ${version} is installed: run ` +
      'node components/runtime/packing/profile.mjs with the last build, then build again.',
  );
}

const hashOf = (bytes) => createHash('sha256').update(bytes).digest('hex');
const recipe = await readFile(new URL('split.mjs', import.meta.url), 'utf8');
const state = hashOf(recipe + JSON.stringify(profile)).slice(0, 8);
export const packedFolder = `node_modules/.cache/diffusion-elements/onnxruntime-web-${version}-${state}`;
await mkdir(packedFolder, { recursive: true });

const files = {};
/** By build, the import that the core calls when it misses the rest. */
const hooks = {};

async function pack(name, make) {
  const file = `${packedFolder}/${name}.bin`;
  if (!existsSync(file)) await writeFile(file, gzipSync(make(), { level: 9 }));
  const bytes = await readFile(file);
  files[name] = { size: bytes.length, sha256: hashOf(bytes) };
}

function numbers(ranges) {
  return ranges
    .split(' ')
    .filter(Boolean)
    .flatMap((range) => {
      const [first, last = first] = range.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, i) => first + i);
    });
}

for (const [build, source] of Object.entries(sources)) {
  const bytes = await readFile(source);
  if (takenApart.includes(build)) {
    let parts;
    const split = () => (parts ??= takeApart(bytes, numbers(profile.functions[build])));
    await pack(build, () => split().core);
    await pack(`${build}-rest`, () => split().rest);
    hooks[build] = anatomy(bytes).hook.name;
  } else {
    await pack(build, () => bytes);
  }
}

await writeFile(
  'components/runtime/runtime-files.ts',
  `// Generated from onnxruntime-web ${version} by components/runtime/packing/pack.mjs.\n` +
    `export const runtimeFiles = ${JSON.stringify(files, null, 2)} as const;\n` +
    '/** The imports that the cores call when they miss their rest, and what they pass. */\n' +
    `export const restHooks = ${JSON.stringify(hooks)} as const;\n` +
    `export const REST_IS_MISSING = ${REST_IS_MISSING};\n`,
);
