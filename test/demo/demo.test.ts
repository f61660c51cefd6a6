import { writeFile } from 'node:fs/promises';
import { startDevServer } from '@web/dev-server';
import { expect } from 'chai';
import { decode } from 'fast-png';
import { chromium } from 'playwright-core';
import { chromiumFlags, findChromium } from '../helpers/find-chromium.mjs';

/** Where the screenshot is left for a person to look at. */
const SCREENSHOT = 'dist/demo.png';

describe('the demo page', () => {
  it('draws sixteen pictures without a word on the console, and shows them', async function () {
    this.timeout(120_000);
    const server = await startDevServer({
      config: { rootDir: process.cwd(), watch: false },
      readCliArgs: false,
      readFileConfig: false,
      logStartMessage: false,
    });
    const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumFlags });
    try {
      const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
      const said: string[] = [];
      page.on('console', (message) => said.push(message.text()));
      page.on('pageerror', (error) => said.push(error.message));
      await page.goto(`http://localhost:${server.config.port}/demo/`);
      await page.waitForFunction('document.querySelector("#hero").state === "done"', undefined, {
        timeout: 100_000,
      });
      const box = await page.locator('#hero').locator('canvas').first().boundingBox();
      const screenshot = await page.screenshot();
      await writeFile(SCREENSHOT, screenshot);
      expect(said).to.deep.equal([]);
      expect(await page.locator('#facts').textContent()).to.match(/16 pictures in [\d.]+\s+s on/);

      const { data, width } = decode(screenshot);
      const channels = data.length / (width * 900);
      const bright = (x: number, y: number) =>
        data[(Math.round(y) * width + Math.round(x)) * channels]!;
      let dark = 0;
      let light = 0;
      for (let y = box!.y; y < Math.min(box!.y + box!.height, 900); y += 3) {
        for (let x = box!.x; x < box!.x + box!.width; x += 3) {
          if (bright(x, y) < 60) dark++;
          if (bright(x, y) > 150) light++;
        }
      }
      expect(dark / (dark + light)).to.be.within(0.3, 0.95);
    } finally {
      await browser.close();
      await server.stop();
    }
  });
});
