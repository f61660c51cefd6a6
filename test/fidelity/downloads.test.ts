import { expect } from '@open-wc/testing';
import type { DiffusionSampler } from 'diffusion-elements';

const STALL = 1200;
const kinds = ['404', '500', 'html', 'truncated', 'corrupt', 'cut', 'hanging'] as const;
type Kind = (typeof kinds)[number] | 'cut once';

let sessions = 0;

/** A page of its own with one tag, whose files come through a session in which they can be made to fail. */
class FaultyPage {
  readonly session = `s${Date.now()}-${++sessions}`;
  readonly #frame = document.createElement('iframe');
  element!: DiffusionSampler;

  async open(model = ''): Promise<this> {
    const script = `/faulty/${this.session}/dist/diffusion-elements.js`;
    this.#frame.srcdoc = `<!doctype html><base href="${location.origin}/">
      <script type="module">
        import { configure } from ${JSON.stringify(script)};
        configure({ stallTimeout: ${STALL} });
      </script>
      <diffusion-sampler backend="wasm" preload="none" steps="1" seed="1" model="${model}"></diffusion-sampler>`;
    document.body.append(this.#frame);
    await new Promise((resolve) => this.#frame.addEventListener('load', resolve));
    const page = this.#frame.contentWindow!;
    // What is expected here need not be on the console.
    (page as unknown as { console: Console }).console.warn = () => undefined;
    await page.customElements.whenDefined('diffusion-sampler');
    this.element = page.document.querySelector('diffusion-sampler')!;
    return this;
  }

  get modelFolder(): string {
    return `/faulty/${this.session}/models/fashion-mnist/`;
  }

  async fail(
    file: string,
    kind: Kind | '',
  ): Promise<{ ranges: number[]; requests: Record<string, number> }> {
    const query = new URLSearchParams({ session: this.session, file, kind });
    return (await fetch(`/fault?${query}`)).json();
  }

  close(): void {
    this.#frame.remove();
  }
}

interface Outcome {
  readonly file: string;
  readonly kind: string;
  readonly seen: string;
}

const outcomes: Outcome[] = [];

/** The package's own files, then those of a model's folder somewhere else. */
const own = {
  'dist/worker.js': /^network$/,
  'dist/runtime/wasm.js': /^backend-unavailable$/,
  'dist/runtime/wasm.bin': /^backend-unavailable$/,
  'dist/models/fashion-mnist-turbo/unet/model_int8.onnx':
    /^(model-not-found|network|integrity-mismatch)$/,
};
const foreign = {
  // A folder can be read without some of them.
  'models/fashion-mnist/files.json': /^(drawn|network|model-invalid)$/,
  'models/fashion-mnist/model_index.json': /^(unsupported-model|network|model-invalid)$/,
  'models/fashion-mnist/scheduler/scheduler_config.json': /^(drawn|network|integrity-mismatch)$/,
  'models/fashion-mnist/unet/config.json': /^(model-invalid|network|integrity-mismatch)$/,
  'models/fashion-mnist/unet/model_int8.onnx': /^(model-not-found|network|integrity-mismatch)$/,
  // The package's own models need no more than the core.
  'dist/runtime/wasm-rest.bin': /^backend-unavailable$/,
};

describe('every file that may fail', () => {
  after(() => {
    const cells = (file: string) =>
      kinds.map((kind) => outcomes.find((each) => each.file === file && each.kind === kind)?.seen);
    const files = [...new Set(outcomes.map(({ file }) => file))];
    const rows = files.map((file) => `| ${file} | ${cells(file).join(' | ')} |`);
    // eslint-disable-next-line no-console -- the table is what the guide holds
    console.log([`| file | ${kinds.join(' | ')} |`, ...rows].join('\n'));
  });

  for (const [file, expected] of [...Object.entries(own), ...Object.entries(foreign)]) {
    for (const kind of kinds) {
      it(`${file}, ${kind}: says so, and draws without a reload once it is mended`, async () => {
        const page = new FaultyPage();
        await page.fail(file, kind);
        const { element } = await page.open(file in own ? '' : page.modelFolder);
        const start = performance.now();
        const seen = await element.generate().then(
          () => 'drawn',
          (error: Error & { code?: string }) => {
            expect(error.message).to.match(/^.{20,}\.$/s);
            expect(error.message).not.to.contain('ASSERTIONS');
            return error.code ?? error.name;
          },
        );
        expect(performance.now() - start).to.be.below(30_000);
        outcomes.push({ file, kind, seen });
        expect(seen).to.match(expected);
        expect(element.state).to.equal(seen === 'drawn' ? 'done' : 'failed');
        await page.fail(file, '');
        const { images } = await element.generate();
        expect(images).to.have.length(1);
        expect(element.thread).to.equal('worker');
        page.close();
      });
    }
  }
});

describe('a download', () => {
  for (const file of [
    'dist/runtime/wasm.bin',
    'dist/models/fashion-mnist-turbo/unet/model_int8.onnx',
  ]) {
    it(`of ${file} that breaks is taken up where it broke`, async () => {
      const page = new FaultyPage();
      await page.fail(file, 'cut once');
      const { element } = await page.open();
      await element.generate();
      const { ranges } = await page.fail(file, '');
      expect(ranges).to.have.length(1);
      expect(ranges[0]).to.be.above(0);
      page.close();
    });
  }

  for (const file of [...Object.keys(own), ...Object.keys(foreign)]) {
    it(`of ${file} that hangs lets go of the element at once when aborted`, async () => {
      const page = new FaultyPage();
      await page.fail(file, 'hanging');
      const { element } = await page.open(file in own ? '' : page.modelFolder);
      const run = element.generate().catch((error) => error);
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(element.state).to.equal('loading');
      element.abort();
      expect((await run).name).to.equal('AbortError');
      expect(element.state).to.equal('idle');
      await page.fail(file, '');
      expect((await element.generate()).images).to.have.length(1);
      page.close();
    });
  }

  it('is made once of each file, however often its model is described, loaded and drawn with', async () => {
    const page = new FaultyPage();
    const { element } = await page.open(page.modelFolder);
    element.controls = true;
    await element.generate();
    await element.generate();
    const { requests } = await page.fail('', '');
    const counts = Object.entries(requests).filter(([file]) => file.startsWith('models/'));
    expect(counts.map(([file]) => file.replace('models/fashion-mnist/', ''))).to.have.members([
      ...['files.json', 'model_index.json', 'scheduler/scheduler_config.json'],
      ...['unet/config.json', 'unet/model_int8.onnx'],
    ]);
    expect(counts.every(([, count]) => count === 1)).to.equal(true);
    page.close();
  });

  it('is made once of what a distilled model shares with its teacher', async () => {
    const page = new FaultyPage();
    const { element } = await page.open();
    element.prompt = 'a cat';
    await element.generate();
    element.quality = 'best';
    await element.generate();
    const { requests } = await page.fail('', '');
    const models = Object.entries(requests).filter(([file]) => file.startsWith('dist/models/'));
    expect(Object.fromEntries(models)).to.deep.equal({
      'dist/models/emoji-turbo/unet/model_int8.onnx': 1,
      'dist/models/emoji/unet/model_int8.onnx': 1,
      'dist/models/emoji/text_encoder/model_quantized.onnx': 1,
      'dist/models/emoji/tokenizer/tokenizer.bin': 1,
      'dist/models/emoji/vae_decoder/model_quantized.onnx': 1,
    });
    page.close();
  });

  it('is not made again on the next visit, whatever the server says of caching', async () => {
    const page = new FaultyPage();
    const { element } = await page.open();
    await element.generate();
    await new Promise((resolve) => setTimeout(resolve, 300));
    page.close();
    const again = new FaultyPage();
    Object.assign(again, { session: page.session });
    for (const file of [
      'dist/runtime/wasm.bin',
      'dist/models/fashion-mnist-turbo/unet/model_int8.onnx',
    ]) {
      await again.fail(file, '404');
      await again.open();
      expect((await again.element.generate()).images).to.have.length(1);
      again.close();
    }
  });

  it('that was damaged in the cache is made again', async () => {
    const page = new FaultyPage();
    await (await page.open()).element.generate();
    await new Promise((resolve) => setTimeout(resolve, 300));
    page.close();
    const cache = await caches.open('diffusion-elements');
    const url = `${location.origin}/faulty/${page.session}/dist/runtime/wasm.bin`;
    expect(await cache.match(url)).to.exist;
    await cache.put(url, new Response('damaged'));
    const again = new FaultyPage();
    Object.assign(again, { session: page.session });
    expect((await (await again.open()).element.generate()).images).to.have.length(1);
    again.close();
  });
});
