// Prints a table of figures and bars, and writes them to dist/bench.json. Exits with 1 where one is missed.
import { writeFile, readFile } from 'node:fs/promises';
import { arch, cpus, platform } from 'node:os';
import { benchKernels } from './kernels.js';
import { benchExplaining } from './explaining.js';
import { benchEndurance } from './endurance.js';
import type { Row } from './measure.js';
import { benchPage } from './page.js';
import { benchSchedulers } from './schedulers.js';
import { benchStartup } from './startup.js';
import { benchLoading } from './large-model.js';
import { benchHalves, benchText } from './text.js';
import { benchWords } from './words.js';
import { benchLive } from './live.js';
import { benchTraining } from './training.js';
import { benchInpainting, benchMemory, benchOverhead, benchQuantization } from './pipeline.js';

const version = async (name: string) =>
  JSON.parse(await readFile(`node_modules/${name}/package.json`, 'utf8')).version as string;

const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  platform: `${platform()} ${arch()}`,
  node: process.version,
  'onnxruntime-web': await version('onnxruntime-web'),
  assemblyscript: await version('assemblyscript'),
};
console.log(machine);

const benches = {
  kernels: benchKernels,
  schedulers: benchSchedulers,
  training: benchTraining,
  explaining: benchExplaining,
  overhead: benchOverhead,
  inpainting: benchInpainting,
  halves: benchHalves,
  text: benchText,
  words: benchWords,
  live: benchLive,
  loading: benchLoading,
  quantization: benchQuantization,
  memory: benchMemory,
  page: benchPage,
  startup: benchStartup,
  endurance: benchEndurance,
};
// All, or those named on the command line.
const named = process.argv.slice(2);
const rows: Row[] = [];
for (const [name, bench] of Object.entries(benches)) {
  if (named.length > 0 && !named.includes(name)) continue;
  for (const row of await bench()) {
    rows.push(row);
    const mark = row.bar ? (row.ok ? 'ok  ' : 'MISS') : '    ';
    console.log(`${mark} ${row.value.toFixed(2).padStart(8)}  ${row.what}  ${row.bar ?? ''}`);
  }
}
await writeFile('dist/bench.json', `${JSON.stringify({ machine, rows }, null, 2)}\n`);
process.exit(rows.every(({ ok }) => ok) ? 0 : 1);
