// What the pipeline costs beside the bare network, what quantization gains, and whether memory grows.
import { readFile } from 'node:fs/promises';
import * as ort from 'onnxruntime-web/wasm';
import { arenaBytes } from '../../components/kernels/arena.js';
import { DiffusionPipeline } from '../../components/pipelines/index.js';
import { atMost, ratio, type Row } from './measure.js';

const folder = 'models/fashion-mnist';
const STEPS = 20;
const common = { label: 0, steps: STEPS, seed: 1, guidanceScale: 1, scheduler: 'ddim' };

async function bareSession(file: string): Promise<(rows: number) => Promise<unknown>> {
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(await readFile(`${folder}/unet/${file}`));
  return (rows) =>
    session.run({
      sample: new ort.Tensor('float32', new Float32Array(rows * 784), [rows, 1, 28, 28]),
      timestep: new ort.Tensor('float32', new Float32Array(rows).fill(500), [rows]),
      class_labels: new ort.Tensor('int64', new BigInt64Array(rows), [rows]),
    });
}

/** `generate` over the sum of bare runs of the same network, in alternating pairs. */
export async function benchOverhead(): Promise<Row[]> {
  const pipeline = await DiffusionPipeline.fromPretrained(folder, { dtype: 'int8' });
  const run = await bareSession('model_int8.onnx');
  const rows: Row[] = [];
  for (const [count, pairs] of [
    [1, 15],
    [16, 7],
  ] as const) {
    const generate = () => pipeline.generate({ ...common, count });
    const bare = async () => {
      for (let i = 0; i < STEPS; i++) await run(count);
    };
    const measured = await ratio(generate, bare, pairs);
    const what = `generate over bare runs, ${STEPS} DDIM steps, ${count} picture${count > 1 ? 's' : ''}`;
    rows.push(atMost(what, measured.ratio, 1.05));
  }
  await pipeline.dispose();
  return rows;
}

/** The same with half of a picture kept and each stretch of steps walked twice. */
export async function benchInpainting(): Promise<Row[]> {
  const pipeline = await DiffusionPipeline.fromPretrained(folder, { dtype: 'int8' });
  const run = await bareSession('model_int8.onnx');
  const size = 28;
  const picture = (grey: (i: number) => number) => {
    const data = new Uint8ClampedArray(4 * size * size);
    for (let i = 0; i < size * size; i++) data.fill(grey(i), 4 * i, 4 * i + 3).fill(255, 4 * i + 3);
    return { data, width: size, height: size };
  };
  const image = picture((i) => i % 256);
  const mask = picture((i) => (i % size < size / 2 ? 255 : 0));
  let runs = 0;
  const generate = async () => {
    const { timings } = await pipeline.generate({ ...common, image, mask, resamplings: 2 });
    runs = timings.steps;
  };
  await generate();
  const bare = async () => {
    for (let i = 0; i < runs; i++) await run(1);
  };
  const measured = await ratio(generate, bare, 15);
  await pipeline.dispose();
  const what = `filling a mask over bare runs, ${STEPS} DDIM steps, 2 resamplings, ${runs} runs`;
  return [atMost(what, measured.ratio, 1.05)];
}

export async function benchQuantization(): Promise<Row[]> {
  const int8 = await bareSession('model_int8.onnx');
  const float = await bareSession('model.onnx');
  const measured = await ratio(
    () => int8(1),
    () => float(1),
    61,
  );
  return [
    atMost('a U-Net run, int8 over float32, WASM', measured.ratio, 0.7),
    { what: 'a U-Net run of one picture, int8, ms', value: measured.a, ok: true },
    { what: 'a U-Net run of one picture, float32, ms', value: measured.b, ok: true },
  ];
}

/** Kernel memory, array buffers and heap after 10 and after 200 generations. Run with --expose-gc. */
export async function benchMemory(): Promise<Row[]> {
  const pipeline = await DiffusionPipeline.fromPretrained(folder, { dtype: 'int8' });
  const bytes = async () => {
    for (let i = 0; i < 3; i++) {
      (globalThis as { gc?: () => void }).gc?.();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const { arrayBuffers, external, heapUsed } = process.memoryUsage();
    return { arena: arenaBytes(), buffers: arrayBuffers + external, heap: heapUsed };
  };
  let after10 = await bytes();
  for (let i = 1; i <= 200; i++) {
    await pipeline.generate({ label: i % 10, count: 2, steps: 2, seed: i });
    if (i === 10) after10 = await bytes();
  }
  const after200 = await bytes();
  await pipeline.dispose();
  const growth = (part: keyof typeof after10) => (after200[part] - after10[part]) / 1e6;
  return [
    atMost('kernel memory, growth from generation 10 to 200, MB', growth('arena'), 0),
    atMost('array buffers, growth from generation 10 to 200, MB', growth('buffers'), 0.1),
    atMost('JavaScript heap, growth from generation 10 to 200, MB', growth('heap'), 1),
  ];
}
