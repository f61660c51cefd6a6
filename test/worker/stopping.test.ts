import { expect, fixture, html } from '@open-wc/testing';
import 'diffusion-elements';
import type { DiffusionSampler } from 'diffusion-elements';
import { nextEvent } from '../helpers/pictures.js';

/** The workers that this page has started. */
const started: Worker[] = [];
const { Worker: Original } = globalThis;
before(() => {
  globalThis.Worker = class extends Original {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      started.push(this);
    }
  };
});
after(() => (globalThis.Worker = Original));

const sampler = (steps = 2, count = 1) =>
  fixture<DiffusionSampler>(html`
    <diffusion-sampler
      preload="none"
      backend="wasm"
      seed="1"
      steps=${steps}
      count=${count}
    ></diffusion-sampler>
  `);

/** What takes many minutes: nobody waits for its end. */
const endless = () => sampler(1000, 64);
const SOON = 10_000;

/** Resolves to whether the promise did in time. */
function inTime(promise: Promise<unknown>): Promise<boolean> {
  return Promise.race([
    promise.then(() => true),
    new Promise<boolean>((resolve) => setTimeout(resolve, SOON, false)),
  ]);
}

describe('stopping', () => {
  const ways: Record<string, (element: DiffusionSampler) => void> = {
    'abort()': (element) => element.abort(),
    'remove()': (element) => element.remove(),
    'another generate()': (element) => void element.generate({ steps: 1, count: 1 }),
  };
  for (const [name, stop] of Object.entries(ways)) {
    it(`by ${name} ends the work itself: others draw at once`, async () => {
      const [busy, other] = [await endless(), await sampler()];
      const run = busy.generate().catch((error) => error);
      await nextEvent(busy, 'step');
      stop(busy);
      expect((await run).name).to.equal('AbortError');
      expect(await inTime(other.generate())).to.equal(true);
    });
  }

  it('is not needed for another element to learn what its model draws', async () => {
    const busy = await endless();
    const run = busy.generate().catch((error) => error);
    await nextEvent(busy, 'step');
    const other = await fixture<DiffusionSampler>(
      html`<diffusion-sampler controls loading="eager"></diffusion-sampler>`,
    );
    const shown = async () => {
      while (!other.shadowRoot!.querySelector('select')) await nextEvent(busy, 'step');
    };
    expect(await inTime(shown())).to.equal(true);
    busy.abort();
    await run;
  });
});

describe('on the thread of the page', () => {
  it('steps are painted, Stop acts, and one warning tells why there is no worker', async () => {
    const frame = document.createElement('iframe');
    frame.srcdoc = `<!doctype html><base href="${location.origin}/">
      <meta http-equiv="Content-Security-Policy" content="script-src 'self' 'wasm-unsafe-eval'; worker-src 'none'" />
      <script type="module" src="/dist/diffusion-elements.js"></script>
      <diffusion-sampler backend="wasm" preload="none" steps="1000"></diffusion-sampler>`;
    document.body.append(frame);
    await new Promise((resolve) => frame.addEventListener('load', resolve));
    const page = frame.contentWindow as Window & { console: Console };
    const warnings: string[] = [];
    page.console.warn = (...words: unknown[]) => warnings.push(words.join(' '));
    await page.customElements.whenDefined('diffusion-sampler');
    const element = page.document.querySelector('diffusion-sampler')!;
    const run = element.generate().catch((error) => error);
    let frames = 0;
    const count = () => {
      frames++;
      page.requestAnimationFrame(count);
    };
    await nextEvent(element, 'step');
    page.requestAnimationFrame(count);
    for (let i = 0; i < 20; i++) await nextEvent(element, 'step');
    expect(frames).to.be.above(2);
    element.abort();
    expect((await run).name).to.equal('AbortError');
    await element.generate({ steps: 1 });
    expect(element.thread).to.equal('page');
    expect(element.backendReason).to.contain("on the page's own thread");
    expect(warnings).to.have.length(1);
    frame.remove();
  });
});

describe('a worker', () => {
  it('that ends without a word ends its runs, and the next run starts another', async () => {
    const [element, other] = [await endless(), await sampler()];
    const run = element.generate().catch((error) => error);
    await nextEvent(element, 'step');
    started.at(-1)!.terminate();
    expect((await run).code).to.equal('backend-unavailable');
    expect(element.state).to.equal('failed');
    const before = started.length;
    expect(await inTime(other.generate())).to.equal(true);
    expect(started.length - before).to.equal(1);
  });

  it('is one for fifty elements', async () => {
    const before = started.length;
    performance.clearResourceTimings();
    const elements = await Promise.all(Array.from({ length: 50 }, () => sampler(1)));
    const results = await Promise.all(elements.map((each) => each.generate()));
    expect(results.every(({ images }) => images.length === 1)).to.equal(true);
    expect(started.length - before).to.be.at.most(1);
    expect(performance.getEntriesByType('resource').length).to.be.below(21);
  });
});
