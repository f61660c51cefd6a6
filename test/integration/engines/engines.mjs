// The built elements in Chromium, Firefox and WebKit: the same seed must draw the same bytes in all of them, and a
// mask must take a real pointer's paint.
//
//   node test/integration/engines/engines.mjs [--dist FOLDER]
//
// An engine is `{ name, find(), launch(binary) }`: `find()` gives what `launch()` needs, or undefined where it is
// not installed, and `missing` says how to get it; `isReference` marks the one whose bytes count. `launch()` gives
// a browser:
//
//   version               as the engine tells it
//   open(url)             shows a page, and waits until it has loaded
//   evaluate(text)        the value of an expression on the page, awaited
//   drag(points)          the mouse: moves to the first point, presses, moves to the others, releases
//   press(modifier, key)  the keyboard: the key while the modifier is held
//   close()               ends its processes, and removes its profile
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checks } from './checks.mjs';
import { chromium } from './chromium.mjs';
import { firefox } from './firefox.mjs';
import { serve } from './server.mjs';
import { webkit } from './webkit.mjs';

/** The reference comes first. */
const engines = [chromium, firefox, webkit];
const LIMIT = 120_000;

const { values } = parseArgs({
  options: {
    dist: { type: 'string', default: fileURLToPath(new URL('../../../dist', import.meta.url)) },
  },
});
const dist = resolve(values.dist);
if (!existsSync(join(dist, 'diffusion-elements.js'))) {
  console.error(`There is no build in ${dist}: run "npm run build" first.`);
  process.exit(1);
}

const tally = { passed: 0, failed: 0 };

/** Rejects where something takes too long. */
function limited(promise) {
  const late = pause(LIMIT, undefined, { ref: false }).then(() => {
    throw new Error(`not done within ${LIMIT / 1000} s`);
  });
  return Promise.race([promise, late]);
}

function passed(what) {
  tally.passed++;
  console.log(`passed: ${what}`);
}

function failed(what, { message }) {
  tally.failed++;
  console.log(`FAILED: ${what}: ${message.split('\n')[0]}`);
}

async function checkBrowser(browser, engine, url) {
  for (const { name, run } of checks) {
    const what = `${engine.name} ${browser.version} ${name}`;
    try {
      await limited(browser.open(url));
      passed(`${what}, ${await limited(run(browser, engine))}`);
    } catch (error) {
      failed(what, error);
    }
  }
}

async function checkEngine(engine, url) {
  try {
    const binary = engine.find();
    if (!binary) {
      console.log(`skipped: ${engine.name}: ${engine.missing}`);
      return;
    }
    const browser = await limited(engine.launch(binary));
    await checkBrowser(browser, engine, url);
    await limited(browser.close());
  } catch (error) {
    failed(`${engine.name} starts and ends`, error);
  }
}

// Ending by exit() lets the exit handlers end what is still running.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));

const url = await serve(dist);
for (const engine of engines) await checkEngine(engine, url);
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exit(tally.failed > 0 ? 1 : 0);
