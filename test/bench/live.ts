// What one to four runs cost beside the bare network, and how fast a picture follows a hand. Build first.
import { readFile } from 'node:fs/promises';
import * as ort from 'onnxruntime-web/wasm';
import { DiffusionPipeline } from '../../components/pipelines/index.js';
import { withWasmPage } from '../helpers/served-browser.mjs';
import { atLeast, atMost, plain, ratio, type Row } from './measure.js';

const folder = 'models/fashion-mnist-turbo';
const SECONDS = 4;

/** The pipeline alone, in alternating pairs with bare runs. */
async function overheads(): Promise<Row[]> {
  ort.env.wasm.numThreads = 1;
  const file = await readFile(`${folder}/unet/model_int8.onnx`);
  const session = await ort.InferenceSession.create(file, {
    graphOptimizationLevel: 'disabled',
  });
  // Zeros would be quicker than what is drawn from.
  const noise = Float32Array.from({ length: 784 }, () => 2 * Math.random() - 1);
  const feeds = {
    sample: new ort.Tensor('float32', noise, [1, 1, 28, 28]),
    timestep: new ort.Tensor('float32', new Float32Array(1).fill(500), [1]),
    class_labels: new ort.Tensor('int64', new BigInt64Array(1), [1]),
  };
  const pipeline = await DiffusionPipeline.fromPretrained(folder, {
    dtype: 'int8',
    backend: 'wasm',
  });
  const rows: Row[] = [];
  for (const [steps, bar] of [
    [1, 1.15],
    [4, 1.05],
  ] as const) {
    let seed = 0;
    const generate = () => {
      const options = { label: 0, steps, seed: `1,2,3,4@0.${++seed % 10},0.5` };
      return pipeline.generate({ ...options, onStep: ({ preview }) => preview('x0') });
    };
    const bare = async () => {
      for (let i = 0; i < steps; i++) await session.run(feeds);
    };
    const measured = await ratio(generate, bare, 61);
    rows.push(atMost(`a live picture over bare runs, ${steps} steps`, measured.ratio, bar));
    if (steps === 1) rows.push(plain('a bare run, ms', measured.b));
  }
  await pipeline.dispose();
  return rows;
}

/** The seed pad under a pointer that moves at every frame. */
async function following(): Promise<Row[]> {
  return withWasmPage(async (page, address) => {
    const session = await page.context().newCDPSession(page);
    const heaps: number[] = [];
    await page.exposeFunction('heap', async () => {
      await session.send('HeapProfiler.collectGarbage');
      heaps.push((await session.send('Runtime.getHeapUsage')).usedSize);
    });
    await page.goto(`${address}/test/bench/live.html`);
    const { pictures, delays, longest } = await page.evaluate(async (seconds) => {
      const sampler = document.querySelector('diffusion-sampler')!;
      await sampler.generate();
      const pad = sampler.shadowRoot!.querySelector('[part=pad]')!;
      const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
      const delays: number[] = [];
      let longest = 0;
      let pictures = 0;
      let asked = performance.now();
      let drawing = asked;
      sampler.addEventListener('step', () => {
        pictures++;
        const since = drawing;
        // The next run begins with what the hand asks for now.
        drawing = asked;
        // Pixels are on the screen with the frame that follows.
        requestAnimationFrame(() => delays.push(performance.now() - since));
      });
      const { left, top, width, height } = pad.getBoundingClientRect();
      const move = (type: string, angle: number) => {
        const clientX = left + width * (0.5 + 0.4 * Math.cos(angle));
        const clientY = top + height * (0.5 + 0.4 * Math.sin(angle));
        pad.dispatchEvent(new PointerEvent(type, { clientX, clientY, button: 0, bubbles: true }));
      };
      const drag = async (milliseconds: number) => {
        const begun = performance.now();
        while (performance.now() - begun < milliseconds) {
          await frame();
          asked = performance.now();
          move('pointermove', asked / 500);
        }
        return (performance.now() - begun) / 1000;
      };
      move('pointerdown', 0);
      // Until V8 has optimized what runs.
      await drag(3000);
      await (globalThis as unknown as { heap(): Promise<void> }).heap();
      [delays.length, pictures] = [0, 0];
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
      }).observe({ type: 'longtask' });
      const taken = await drag(1000 * seconds);
      move('pointerup', 0);
      await (globalThis as unknown as { heap(): Promise<void> }).heap();
      return { pictures: pictures / taken, delays, longest };
    }, SECONDS);
    delays.sort((a, b) => a - b);
    return [
      atLeast('pictures a second under the seed pad, one WASM thread', pictures, 20),
      plain('from input to pixels, median, ms', delays[Math.floor(0.5 * delays.length)]!),
      atMost('from input to pixels, 95 of 100, ms', delays[Math.floor(0.95 * delays.length)]!, 60),
      atMost('longest main-thread task over 50 ms under the seed pad, ms', longest, 0),
      atMost('growth of the page’s heap under it, MB', (heaps[1]! - heaps[0]!) / 1e6, 0.5),
    ];
  });
}

export async function benchLive(): Promise<Row[]> {
  return [...(await overheads()), ...(await following())];
}
