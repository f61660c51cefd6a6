// In Chromium: whether a page that draws again and again grows. Reads the renderer's memory from /proc. Build first.
import { readFile } from 'node:fs/promises';
import { platform } from 'node:os';
import { launchChromium, serve } from '../helpers/served-browser.mjs';
import { atMost, type Row } from './measure.js';

const runs = [
  { backend: 'wasm', from: 200, to: 1000, growth: 12 },
  { backend: 'webgpu', from: 30, to: 100, growth: 24 },
] as const;

async function residentMegabytes(pids: readonly number[]): Promise<number> {
  const sizes = pids.map(async (pid) => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1000;
  });
  return Math.max(...(await Promise.all(sizes)));
}

export async function benchEndurance(): Promise<Row[]> {
  if (platform() !== 'linux') return [];
  const server = await serve();
  const rows: Row[] = [];
  try {
    for (const { backend, from, to, growth } of runs) {
      const browser = await launchChromium();
      const session = await browser.newBrowserCDPSession();
      const page = await browser.newPage();
      await page.goto(`${server.address}/test/bench/bare.html`);
      const draw = (count: number) =>
        page.evaluate(
          async ({ backend, count }) => {
            const sampler = document.querySelector('diffusion-sampler')!;
            sampler.backend = backend;
            for (let i = 0; i < count; i++) await sampler.generate({ steps: 1, count: 1 });
            if (sampler.activeBackend !== backend) throw new Error(sampler.backendReason);
          },
          { backend, count },
        );
      const { processInfo } = await session.send('SystemInfo.getProcessInfo');
      const pids = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
      await draw(from);
      const before = await residentMegabytes(pids);
      await draw(to - from);
      const grown = (await residentMegabytes(pids)) - before;
      rows.push(
        atMost(`page on ${backend}, growth from generation ${from} to ${to}, MB`, grown, growth),
      );
      await browser.close();
    }
    return rows;
  } finally {
    await server.stop();
  }
}
