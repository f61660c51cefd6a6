// In Chromium: how long drawing keeps the page's own thread busy. Build first.
import { startDevServer } from '@web/dev-server';
import { chromium } from 'playwright-core';
import { chromiumFlags, findChromium } from '../helpers/find-chromium.mjs';
import { atMost, type Row } from './measure.js';

export async function benchPage(): Promise<Row[]> {
  const server = await startDevServer({
    config: { rootDir: process.cwd(), watch: false },
    readCliArgs: false,
    readFileConfig: false,
    logStartMessage: false,
  });
  const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumFlags });
  try {
    const page = await browser.newPage();
    await page.goto(`http://localhost:${server.config.port}/demo/bare.html`);
    const longest = await page.evaluate(async () => {
      const sampler = document.querySelector('diffusion-sampler')!;
      await sampler.generate();
      let longestTask = 0;
      const observer = new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) longestTask = Math.max(longestTask, duration);
      });
      observer.observe({ type: 'longtask' });
      await sampler.generate();
      await new Promise((resolve) => setTimeout(resolve, 200));
      return longestTask;
    });
    return [
      atMost('longest main-thread task over 50 ms while 16 pictures are drawn, ms', longest, 0),
    ];
  } finally {
    await browser.close();
    await server.stop();
  }
}
