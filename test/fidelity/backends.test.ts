import { expect, fixture, html } from '@open-wc/testing';
import 'diffusion-elements';
import type { DiffusionSampler } from 'diffusion-elements';
import { DiffusionPipeline, type GenerateOptions } from 'diffusion-elements/pipeline';
import { expectDrawn, fashionMnist, greys } from '../helpers/pictures.js';

const options = { label: 'bag', seed: 11, steps: 2, count: 2, guidanceScale: 1.5 };

async function inPage(backend: string, dtype: string, more: GenerateOptions = {}) {
  const pipeline = await DiffusionPipeline.fromPretrained(fashionMnist, { backend, dtype });
  expect(pipeline.backend).to.equal(backend);
  const result = await pipeline.generate({ ...options, ...more });
  await pipeline.dispose();
  return result;
}

describe('one seed, one picture', () => {
  for (const [what, more] of [
    ['with classifier-free guidance', {}],
    ['with a classifier', { guidanceScale: 1, classifierScale: 4 }],
    ['between two seeds', { interpolation: { between: [1, 2], at: [0.25, 0.5] } }],
  ] as const) {
    it(`is within 2/255 on WebGPU and WASM, ${what}`, async () => {
      const webgpu = greys((await inPage('webgpu', 'q8', more)).images);
      const wasm = greys((await inPage('wasm', 'q8', more)).images);
      const differences = webgpu.map((value, i) => Math.abs(value - wasm[i]!));
      expect(Math.max(...differences)).to.be.at.most(2);
      expect(Math.max(...wasm) - Math.min(...wasm)).to.be.above(100);
    });
  }

  for (const dtype of ['int8', 'q8']) {
    it(`is the same bytes in Node, in the page and in the worker (${dtype})`, async () => {
      const page = await inPage('wasm', dtype);
      expect(page.dtype).to.equal(dtype);
      const query = new URLSearchParams({ dtype, options: JSON.stringify(options) });
      const response = await fetch(`/node-picture?${query}`);
      const node = new Uint8ClampedArray(await response.arrayBuffer());
      const inWorker = await fixture<DiffusionSampler>(
        html`<diffusion-sampler preload="none" backend="wasm" dtype=${dtype}></diffusion-sampler>`,
      );
      const worker = await inWorker.generate(options);
      expect(worker.dtype).to.equal(dtype);
      expectDrawn(inWorker, 2);
      expect(greys(page.images)).to.deep.equal(greys([{ data: node }]));
      expect(greys(worker.images)).to.deep.equal(greys(page.images));
    });
  }
});

describe('auto', () => {
  it('draws on WASM first, then measures WebGPU once and says what it found', async () => {
    const pipeline = await DiffusionPipeline.fromPretrained(fashionMnist);
    const first = await pipeline.generate(options);
    expect(first.backend).to.equal('wasm');
    await expectEventually(() => pipeline.backendReason, /^measured here: WASM [\d.]+ ms/);
    const { backend } = await pipeline.generate(options);
    expect(pipeline.backendReason).to.contain(`not ${backend === 'wasm' ? 'WebGPU' : 'WASM'}`);
    await pipeline.dispose();
    const again = await DiffusionPipeline.fromPretrained(fashionMnist);
    expect(again.backendReason).to.match(/^measured here/);
    expect(again.backend).to.equal(backend);
    await again.dispose();
  });
});

async function expectEventually(read: () => string, pattern: RegExp): Promise<void> {
  for (let waited = 0; waited < 90_000 && !pattern.test(read()); waited += 100) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(read()).to.match(pattern);
}
