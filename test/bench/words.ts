// In Chromium, on one WASM thread: from a prompt to its picture. Build first.
import { brotliCompressSync } from 'node:zlib';
import { withWasmPage } from '../helpers/served-browser.mjs';
import { atMost, plain, type Row } from './measure.js';

const RUNS = 5;

export async function benchWords(): Promise<Row[]> {
  return withWasmPage(async (page, address) => {
    const bodies: Promise<Buffer>[] = [];
    page.on('response', (response) => {
      if (/\.(html|js|bin|onnx)$/.test(response.url())) bodies.push(response.body());
    });
    await page.goto(`${address}/test/bench/words.html`);
    const first = await page.evaluate(async () => {
      const { timings, backend } = await document.querySelector('diffusion-sampler')!.generate();
      return { timings, backend };
    });
    const bytes = (await Promise.all(bodies)).map((body) => brotliCompressSync(body).length);
    const session = await page.context().browser()!.newBrowserCDPSession();
    const warm = await page.evaluate(async (runs) => {
      const sampler = document.querySelector('diffusion-sampler')!;
      const parts = ['total', 'text', 'unet', 'kernels', 'decode'] as const;
      let longest = 0;
      const observer = new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
      });
      observer.observe({ type: 'longtask' });
      const all: Record<(typeof parts)[number], number>[] = [];
      for (let i = 0; i < runs; i++) all.push((await sampler.generate({ seed: i })).timings);
      await new Promise((resolve) => setTimeout(resolve, 200));
      const median = (key: (typeof parts)[number]) =>
        all.map((each) => each[key]).sort((a, b) => a - b)[Math.floor(runs / 2)]!;
      return { longest, medians: parts.map(median) };
    }, RUNS);
    const few = await page.evaluate(async (runs) => {
      const sampler = document.querySelector('diffusion-sampler')!;
      sampler.quality = 'fast';
      await sampler.generate();
      const totals: number[] = [];
      for (const steps of [4, 1]) {
        const taken: number[] = [];
        for (let i = 0; i < 3 * runs; i++) {
          const begun = performance.now();
          await sampler.generate({ steps, seed: i, prompt: `a red fox ${i}` });
          taken.push(performance.now() - begun);
        }
        totals.push(taken.sort((a, b) => a - b)[Math.floor(taken.length / 2)]!);
      }
      return totals;
    }, RUNS);
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    const renderer = processInfo.filter(({ type }) => type === 'renderer');
    const resident = Math.max(...(await Promise.all(renderer.map(({ id }) => residentBytes(id)))));
    const [total, text, unet, rest, decode] = warm.medians as [
      number,
      number,
      number,
      number,
      number,
    ];
    const sum = bytes.reduce((all, each) => all + each, 0);
    return [
      atMost('from words to a picture, loaded, on one WASM thread, seconds', total / 1000, 3),
      plain('of it encoding the prompts, ms', text),
      plain('of it the denoiser, ms', unet),
      plain('of it scheduler, guidance and noise, ms', rest),
      plain('of it decoding, ms', decode),
      plain('from new words to a picture with the distilled model, 4 steps, ms', few[0]!),
      atMost('the same, 1 step: 10 pictures a second follow what is typed, ms', few[1]!, 100),
      plain('loading the model the first time, ms', first.timings.load),
      atMost('bytes to the first picture from words, brotli, MB', sum / 1e6, 15),
      atMost('longest main-thread task over 50 ms while it is drawn, ms', warm.longest, 0),
      atMost('resident memory of the page and its worker, MB', resident / 1e6, 400),
    ];
  });
}

/** Without what Chromium shares among its processes. */
async function residentBytes(id: number): Promise<number> {
  const { readFile } = await import('node:fs/promises');
  const status = await readFile(`/proc/${id}/status`, 'utf8').catch(() => '');
  return 1024 * Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0);
}
