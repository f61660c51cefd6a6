// Finds the functions of onnxruntime-web's WASM that the bundled models call in pages, and writes core-functions.json, by which the
// WASM is taken apart. To be run after a build, when onnxruntime-web or the bundled networks change; it takes minutes.
//
//   node components/runtime/packing/profile.mjs [BUILD]

import { readFileSync, writeFileSync } from 'node:fs';
import { startDevServer } from '@web/dev-server';
import { launchChromium } from '../../../test/helpers/served-browser.mjs';
import { countingScript } from './count-calls.mjs';
import { FIRST, instrument } from './instrument.mjs';
import { sources, takenApart, version } from './sources.mjs';

const FOLDER = '/components/runtime/packing';
/** More than one needs an isolated page; who waits for whom then is a matter of chance, so it is done again. */
const THREADS = [1, 2, 4, 4];

function serveTelling(build) {
  const { bytes, hook, count } = instrument(readFileSync(sources[build]));
  return async (context, next) => {
    context.set('cross-origin-opener-policy', 'same-origin');
    context.set('cross-origin-embedder-policy', 'require-corp');
    const { origin, path } = context;
    const script = countingScript({ url: `${origin}/telling.wasm`, hook, first: FIRST, count });
    if (path === '/telling.wasm') {
      context.type = 'application/wasm';
      context.body = bytes;
    } else if (path === `${FOLDER}/count-calls.js`) {
      context.type = 'text/javascript';
      context.body = script;
    } else if (path === `/dist/runtime/${build}.js`) {
      context.type = 'text/javascript';
      context.body = script + readFileSync(`dist/runtime/${build}.js`, 'utf8');
    } else {
      await next();
    }
  };
}

/** In a page: draws all in a worker; the numbers of the functions that were called, and how it ended. */
async function draw(script) {
  const calls = [];
  const worker = new Worker(script, { type: 'module' });
  const end = await new Promise((resolve) => {
    worker.onerror = (event) => resolve(`failed: ${event.message}`);
    new BroadcastChannel('profile').onmessage = ({ data }) => {
      if (typeof data === 'number') calls.push(data);
      else resolve(data);
    };
  });
  return { calls, end };
}

async function profile(build) {
  const called = new Set();
  const server = await startDevServer({
    config: { rootDir: process.cwd(), watch: false, middleware: [serveTelling(build)] },
    readCliArgs: false,
    readFileConfig: false,
    logStartMessage: false,
  });
  const browser = await launchChromium({ hasWebGpu: build === 'jspi' });
  try {
    for (const threads of THREADS) {
      const page = await browser.newPage();
      page.on('console', (message) => console.log(message.text().slice(0, 300)));
      await page.goto(`http://localhost:${server.config.port}/test/bench/bare.html`);
      const script = `${FOLDER}/draw-all.mjs?threads=${threads}`;
      const { calls, end } = await page.evaluate(draw, script);
      if (end !== 'done') throw new Error(end);
      calls.forEach((index) => called.add(index));
      console.log(`${build}, ${threads} threads: ${called.size} functions are called.`);
      await page.close();
    }
  } finally {
    await browser.close();
    await server.stop();
  }
  return rangesOf([...called].sort((a, b) => a - b));
}

function rangesOf(numbers) {
  const ranges = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last && last[1] === number - 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges
    .map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`))
    .join(' ');
}

const file = new URL('core-functions.json', import.meta.url);
const { functions } = JSON.parse(readFileSync(file, 'utf8'));
const [wanted] = process.argv.slice(2);
for (const build of wanted ? [wanted] : takenApart) functions[build] = await profile(build);
writeFileSync(file, `${JSON.stringify({ version, functions }, null, 2)}\n`);
process.exit();
