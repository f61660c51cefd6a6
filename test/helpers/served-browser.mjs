// Chromium, and a server of this folder.
import { startDevServer } from '@web/dev-server';
import { chromium } from 'playwright-core';
import { chromiumFlags, findChromium } from './find-chromium.mjs';
import { slowLine } from './slow-line.mjs';

const isOfWebGpu = (flag) => /webgpu|swiftshader/i.test(flag);

/** @param hasWebGpu in software; without it, the speed of WASM can be looked at */
export function launchChromium({ hasWebGpu = true } = {}) {
  const args = chromiumFlags.filter((flag) => hasWebGpu || !isOfWebGpu(flag));
  return chromium.launch({ executablePath: findChromium(), args });
}

/**
 * A server of a folder, by default this one: its address, and how to stop it.
 *
 * @param bytesPerSecond what passes at most
 */
export async function serve(
  rootDir = process.cwd(),
  basePath = undefined,
  bytesPerSecond = undefined,
) {
  const server = await startDevServer({
    config: {
      rootDir,
      basePath,
      watch: false,
      middleware: bytesPerSecond ? [slowLine(bytesPerSecond)] : [],
    },
    readCliArgs: false,
    readFileConfig: false,
    logStartMessage: false,
  });
  return { address: `http://localhost:${server.config.port}`, stop: () => server.stop() };
}

/** Hands over a browser and the server's address, and closes both when the task is done. */
export async function withBrowser(task, { bytesPerSecond, ...options } = {}) {
  const server = await serve(undefined, undefined, bytesPerSecond);
  try {
    const browser = await launchChromium(options);
    try {
      return await task(browser, server.address);
    } finally {
      await browser.close();
    }
  } finally {
    await server.stop();
  }
}

/** A page that runs what tsx has compiled, which wraps named functions in a helper. */
export async function newPage(context) {
  const page = await context.newPage();
  await page.addInitScript('globalThis.__name = (task) => task');
  return page;
}

/** Hands over a page without WebGPU and the server's address. */
export const withWasmPage = (task) =>
  withBrowser(async (browser, address) => task(await newPage(browser), address), {
    hasWebGpu: false,
  });
