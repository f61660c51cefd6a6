// In Chromium: from the navigation to the default picture, without a cache and on the second visit. Build first.
import type { Browser, Page } from 'playwright-core';
import { newPage, withBrowser } from '../helpers/served-browser.mjs';
import { median, plain, type Row } from './measure.js';

const VISITS = 7;

interface Visit {
  /** Milliseconds from the navigation to the picture of one run, which is shown at once. */
  readonly first: number;
  /** To the finished one. */
  readonly done: number;
}

async function visit(page: Page, url: string): Promise<Visit> {
  await page.goto(url);
  return page.evaluate(
    () =>
      new Promise<Visit>((resolve) => {
        const sampler = document.querySelector('diffusion-sampler')!;
        let first = 0;
        sampler.addEventListener('step', () => (first ||= performance.now()));
        sampler.addEventListener('load', () => resolve({ first, done: performance.now() }));
      }),
  );
}

function rowsOf(name: string, visits: readonly Visit[]): Row[] {
  const of = (key: keyof Visit) => median(visits.map((each) => each[key]));
  return [
    plain(`${name}: ms to the first picture`, of('first')),
    plain(`${name}: ms to the finished one`, of('done')),
  ];
}

export function benchStartup(): Promise<Row[]> {
  const visits = async (browser: Browser, address: string): Promise<Row[]> => {
    const url = `${address}/test/bench/first.html`;
    const cold: Visit[] = [];
    const warm: Visit[] = [];
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
      ...rowsOf('first visit, on localhost without a cache', cold),
      ...rowsOf('second visit', warm),
    ];
  };
  return withBrowser(visits, { hasWebGpu: false });
}
