// Opens an app in Chromium and tells whether its sampler draws.
import { setTimeout as wait } from 'node:timers/promises';

const DRAW_TIMEOUT = 60_000;
const SETTLE_TIMEOUT = 5_000;

/** Runs in the page before its own scripts: notes when the first sampler has drawn, or has failed. */
function watchSampler() {
  const { state } = document.querySelector('diffusion-sampler') ?? {};
  if (state === 'done' || state === 'failed') globalThis.samplerEndedAt = performance.now();
  else setTimeout(watchSampler, 5);
}

/** Runs in the page. */
function readSampler() {
  const { state, error, thread, activeBackend } = document.querySelector('diffusion-sampler') ?? {};
  return {
    state,
    error: error ? `${error.code}: ${error.message}` : '',
    thread,
    backend: activeBackend,
    endedAt: globalThis.samplerEndedAt,
  };
}

/**
 * @param {import('playwright-core').Browser} browser
 * @param {string} url
 */
export async function openApp(browser, url) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const traffic = watchTraffic(page);
    const messages = watchConsole(page);
    await page.addInitScript(watchSampler);
    await page.goto(url);
    await page
      .waitForFunction(() => globalThis.samplerEndedAt, null, { timeout: DRAW_TIMEOUT })
      .catch(() => undefined);
    const sampler = await page.evaluate(readSampler);
    return { ...sampler, ...messages, ...(await traffic.summary()) };
  } finally {
    await context.close();
  }
}

function watchConsole(page) {
  const errors = [];
  const warnings = [];
  page.on('pageerror', (error) => errors.push(`uncaught ${error}`));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(`console: ${message.text()}`);
    if (message.type() === 'warning') warnings.push(`console: ${message.text()}`);
  });
  return { errors, warnings };
}

function watchTraffic(page) {
  const inFlight = new Set();
  const finished = [];
  const failures = [];
  page.on('request', (request) => inFlight.add(request));
  page.on('requestfinished', (request) => {
    inFlight.delete(request);
    if (request.url().startsWith('http')) finished.push(measure(request));
  });
  page.on('requestfailed', (request) => {
    inFlight.delete(request);
    const { errorText } = request.failure();
    // The page itself gave up on it, as routers do with what they fetch ahead.
    if (errorText !== 'net::ERR_ABORTED') failures.push(`${errorText}: ${request.url()}`);
  });

  page.on('response', (response) => {
    const isPage = response.headers()['content-type']?.startsWith('text/html');
    if (response.status() >= 400) failures.push(`${response.status()}: ${response.url()}`);
    else if (isPage && !response.request().isNavigationRequest()) {
      failures.push(`answered with a page: ${response.url()}`);
    }
  });

  async function measure(request) {
    const { responseHeadersSize, responseBodySize } = await request.sizes();
    return responseHeadersSize + responseBodySize;
  }

  return {
    /** A picture may be there before the last file has been put into the cache. */
    async summary() {
      const deadline = Date.now() + SETTLE_TIMEOUT;
      while (inFlight.size > 0 && Date.now() < deadline) await wait(50);
      const sizes = await Promise.all(finished);
      return {
        failures,
        requests: sizes.length,
        transferred: sizes.reduce((sum, size) => sum + size, 0),
      };
    },
  };
}
