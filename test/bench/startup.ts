// In Chromium: from the navigation to the first default picture, without a cache and on the second visit. Build first.
import type { Browser, Page } from 'playwright-core';
import { newPage, withBrowser } from '../helpers/served-browser.mjs';
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

export function benchStartup(): Promise<Row[]> {
  const visits = async (browser: Browser, address: string): Promise<Row[]> => {
    const url = `${address}/test/bench/first.html`;
    const cold: number[] = [];
    const warm: number[] = [];
    for (let i = 0; i < VISITS; i++) {
      const context = await browser.newContext();
      const page = await newPage(context);
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
  };
  return withBrowser(visits, { hasWebGpu: false });
}
