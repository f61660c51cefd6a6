// Chromium, through Playwright.
import { chromium as playwright } from 'playwright-core';
import { chromiumFlags, findChromium } from '../../helpers/find-chromium.mjs';
import { pageBrowser } from './page-browser.mjs';

export const chromium = {
  name: 'Chromium',
  isReference: true,
  find: findChromium,

  async launch(executablePath) {
    const browser = await playwright.launch({ executablePath, args: chromiumFlags });
    return pageBrowser(await browser.newPage(), {
      version: browser.version(),
      close: () => browser.close(),
    });
  },
};
