// In Chromium: from the navigation to the default picture, without a cache and on the second visit. Build first.
import type { Browser, Page } from 'playwright-core';
import { newPage, withBrowser } from '../helpers/served-browser.mjs';
import { median, plain, type Row } from './measure.js';

const VISITS = 7;
const SLOW_VISITS = 3;
/** In bytes a second. */
const MEGABIT_20 = 2_500_000;

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

/** First and second visits, `count` of each, in turn. */
async function visits(browser: Browser, address: string, count: number): Promise<Visit[][]> {
  const url = `${address}/test/bench/first.html`;
  const cold: Visit[] = [];
  const warm: Visit[] = [];
  for (let i = 0; i < count; i++) {
    const context = await browser.newContext();
    const page = await newPage(context);
    cold.push(await visit(page, url));
    // What is kept is written behind the picture.
    await page.waitForTimeout(500);
    warm.push(await visit(page, url));
    await context.close();
  }
  return [cold, warm];
}

export async function benchStartup(): Promise<Row[]> {
  const measure = (count: number, bytesPerSecond?: number) =>
    withBrowser((browser, address) => visits(browser, address, count), {
      hasWebGpu: false,
      bytesPerSecond,
    });
  const [cold = [], warm = []] = await measure(VISITS);
  const [slow = []] = await measure(SLOW_VISITS, MEGABIT_20);
  return [
    ...rowsOf('first visit, on localhost without a cache', cold),
    ...rowsOf('second visit', warm),
    ...rowsOf('first visit, at 20 Mbit/s, nothing compressed by the server', slow),
  ];
}
