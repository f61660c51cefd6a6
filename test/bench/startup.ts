// In Chromium: from the navigation to the first default picture, without a cache and on the second visit. Build first.
import { startDevServer } from '@web/dev-server';
import { chromium, type Page } from 'playwright-core';
import { chromiumFlags, findChromium } from '../helpers/find-chromium.mjs';
import { median, plain, type Row } from './measure.js';

const VISITS = 7;

/** Milliseconds from the navigation to the picture. */
async function visit(page: Page, url: string): Promise<number> {
  await page.goto(url);
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const sampler = document.querySelector('diffusion-sampler')!;
        const look = () => {
          if (sampler.state === 'done') resolve(performance.now());
          else setTimeout(look, 2);
        };
        look();
      }),
  );
}

export async function benchStartup(): Promise<Row[]> {
  const server = await startDevServer({
    config: { rootDir: process.cwd(), watch: false },
    readCliArgs: false,
    readFileConfig: false,
    logStartMessage: false,
  });
  const args = chromiumFlags.filter((flag) => !flag.includes('webgpu'));
  const browser = await chromium.launch({ executablePath: findChromium(), args });
  try {
    const url = `http://localhost:${server.config.port}/test/bench/first.html`;
    const cold: number[] = [];
    const warm: number[] = [];
    for (let i = 0; i < VISITS; i++) {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.addInitScript('globalThis.__name = (task) => task');
      cold.push(await visit(page, url));
      // What is kept is written behind the picture.
      await page.waitForTimeout(500);
      warm.push(await visit(page, url));
      await context.close();
    }
    return [
      plain(
        'first visit, on localhost without a cache: ms to the first default picture',
        median(cold),
      ),
      plain('second visit: ms to the first default picture', median(warm)),
    ];
  } finally {
    await browser.close();
    await server.stop();
  }
}
