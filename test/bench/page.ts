// In Chromium: how long drawing keeps the page's own thread busy. Build first.
import { newPage, withBrowser } from '../helpers/served-browser.mjs';
import { atMost, type Row } from './measure.js';

const MOVES = 200;

export function benchPage(): Promise<Row[]> {
  return withBrowser(async (browser, address) => {
    const page = await newPage(browser);
    await page.goto(`${address}/test/bench/bare.html`);
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
    const perMove = await page.evaluate(async (moves) => {
      const mask = document.createElement('diffusion-mask');
      mask.style.width = '560px';
      document.body.append(mask);
      await mask.updateComplete;
      mask.resize(28, 28);
      const stage = mask.shadowRoot!.querySelector('.stage')!;
      // Pointers made by a script can't be captured.
      stage.setPointerCapture = () => undefined;
      const box = stage.getBoundingClientRect();
      const send = (type: string, i: number) =>
        stage.dispatchEvent(
          new PointerEvent(type, {
            pointerId: 1,
            clientX: box.left + ((i * 7) % box.width),
            clientY: box.top + ((i * 3) % box.height),
          }),
        );
      const times: number[] = [];
      send('pointerdown', 0);
      for (let i = 1; i <= moves; i++) {
        const start = performance.now();
        send('pointermove', i);
        await mask.updateComplete;
        times.push(performance.now() - start);
      }
      send('pointerup', moves);
      mask.remove();
      return Math.max(...times.sort((a, b) => a - b).slice(0, Math.ceil(0.95 * moves)));
    }, MOVES);
    return [
      atMost(
        'painting with the mask brush, ms a move on the main thread, 95th percentile',
        perMove,
        4,
      ),
      atMost('longest main-thread task over 50 ms while 16 pictures are drawn, ms', longest, 0),
    ];
  });
}
