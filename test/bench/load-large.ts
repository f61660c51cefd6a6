// Loads the model in the folder that it is told, and prints what that took; a process of its own, whose memory is its own.
import { readFile } from 'node:fs/promises';
import { DiffusionPipeline } from '../../components/pipelines/index.js';

const bytesOf = async (name: string) => {
  const status = await readFile('/proc/self/status', 'utf8');
  return 1024 * Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]);
};

// The runtime is there before, and has run.
const small = await DiffusionPipeline.fromPretrained('fashion-mnist', { backend: 'wasm' });
await small.generate({ steps: 1 });
const before = await bytesOf('VmRSS');
const start = performance.now();
const pipeline = await DiffusionPipeline.fromPretrained(process.argv[2], { backend: 'wasm' });
const seconds = (performance.now() - start) / 1000;
await pipeline.generate({ steps: 1 });
console.log(JSON.stringify({ peak: (await bytesOf('VmHWM')) - before, seconds }));
