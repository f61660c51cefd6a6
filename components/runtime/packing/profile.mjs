// Finds the functions of onnxruntime-web's WASM that the bundled models call, and writes core-functions.json, by which the WASM is
// taken apart. To be run after a build, when onnxruntime-web or the bundled networks change.
//
//   node components/runtime/packing/profile.mjs

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { version } from './sources.mjs';

const here = (file) => new URL(file, import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'calls-'));
const env = { ...process.env, CALLS: join(folder, 'calls') };
const scripts = [
  ['draw-all.mjs'],
  ...['2', '3', '4', '4'].map((threads) => ['run-threads.mjs', threads]),
];
for (const [script, ...rest] of scripts) {
  const args = ['--import', here('count-calls.mjs').href, here(script).pathname, ...rest];
  execFileSync(process.execPath, args, { env, stdio: 'inherit' });
}
const lines = readFileSync(env.CALLS, 'utf8').trim().split('\n');
rmSync(folder, { recursive: true });

const called = [...new Set(lines.map(Number))].sort((a, b) => a - b);
const functions = [];
for (const number of called) {
  const last = functions.at(-1);
  if (last && last[1] === number - 1) last[1] = number;
  else functions.push([number, number]);
}
const ranges = functions
  .map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`))
  .join(' ');
writeFileSync(
  here('core-functions.json'),
  `${JSON.stringify({ version, functions: ranges }, null, 2)}\n`,
);
console.log(`${called.length} functions are called.`);
