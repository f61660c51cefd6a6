// Chromium without WebGPU, before a server of this folder: where the speed of WASM is looked at.
import { startDevServer } from '@web/dev-server';
import { chromium } from 'playwright-core';
import { chromiumFlags, findChromium } from './find-chromium.mjs';

/** Hands over a page and the server's address, and closes both when the task is done. */
export async function withWasmPage(task) {
  const server = await startDevServer({
    config: { rootDir: process.cwd(), watch: false },
    readCliArgs: false,
    readFileConfig: false,
    logStartMessage: false,
  });
  const args = chromiumFlags.filter((flag) => !/webgpu|swiftshader/i.test(flag));
  const browser = await chromium.launch({ executablePath: findChromium(), args });
  try {
    const page = await browser.newPage();
    // tsx wraps named functions in a helper that the page does not have.
    await page.addInitScript('globalThis.__name = (task) => task');
    return await task(page, `http://localhost:${server.config.port}`);
  } finally {
    await browser.close();
    await server.stop();
  }
}
