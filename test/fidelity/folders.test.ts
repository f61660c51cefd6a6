import { expect } from '@open-wc/testing';
import 'diffusion-elements';
import { configure, type DiffusionSampler } from 'diffusion-elements';
import { DiffusionPipeline } from 'diffusion-elements/pipeline';
import { compareWithGolden, type GoldenPipelineCase } from '../helpers/golden-pipelines.js';
import { mount, until } from '../helpers/painting.js';

const readCase = async (folder: string, name: string): Promise<GoldenPipelineCase> =>
  (await fetch(`/test/golden/pipelines/${folder}/${name}.json`)).json();

const elsewhere = (path: string) =>
  new URL(path, location.href.replace('localhost', '127.0.0.1')).href;

async function draw(model: string, folder: string, name = 'text-to-image') {
  const pipeline = await DiffusionPipeline.fromPretrained(model, { backend: 'wasm' });
  const deviation = await compareWithGolden(pipeline, await readCase(folder, name));
  await pipeline.dispose();
  return deviation;
}

describe('a folder from elsewhere', () => {
  for (const kind of ['plain', 'no-head', 'no-head-no-range']) {
    it(`is found and drawn with on a server of the kind "${kind}", without a files.json`, async () => {
      const { latents } = await draw(`/served/${kind}/external`, 'external');
      expect(latents).to.be.below(1e-3);
    });
  }

  it('is drawn with from the Hub, whose files lie on another origin', async () => {
    configure({ hubUrl: '/hub/' });
    const { latents } = await draw('hf:tiny/lcm-like', 'lcm-like');
    expect(latents).to.be.below(1e-3);
    configure({ hubUrl: 'https://huggingface.co/' });
  });

  it('is drawn with from another origin, and says what is wrong where that forbids it', async () => {
    expect((await draw(elsewhere('/served/plain/pixel'), 'pixel', 'ddim')).latents).to.be.below(
      1e-3,
    );
    const model = elsewhere('/served/no-cors/pixel');
    const error = await DiffusionPipeline.fromPretrained(model).catch((reason) => reason);
    expect([error.code, error.message]).to.deep.equal(['network', error.message]);
    expect(error.message).to.contain('CORS');
  });

  it('goes on where a download broke, also on another origin, whose ranges it may not read', async () => {
    const model = elsewhere('/served/break-once/sd-small');
    expect((await draw(model, 'sd-small')).latents).to.be.below(1e-3);
    expect((await draw(model, 'sd-small')).latents).to.be.below(1e-3);
  });

  it('asks for each variant once, and not at all for weights that it has kept', async () => {
    const model = '/served/plain/sdxs-like';
    await draw(model, 'sdxs-like', 'one-step');
    await draw(model, 'sdxs-like', 'one-step');
    const counts = (await (await fetch('/served-requests')).json()) as Record<string, number>;
    const unet = (method: string) =>
      counts[`${method} /served/plain/sdxs-like/unet/model.onnx`] ?? 0;
    expect(unet('GET')).to.equal(1);
    expect(unet('HEAD')).to.be.at.most(4);
  });

  it('is asked for nothing that its files.json leaves out', async () => {
    performance.clearResourceTimings();
    const pipeline = await DiffusionPipeline.fromPretrained('/models/emoji', { backend: 'wasm' });
    await pipeline.generate({ prompt: 'a rose', steps: 1, guidanceScale: 1 });
    await pipeline.dispose();
    const asked = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
    const ofFolder = asked.filter(({ name }) => name.includes('/models/emoji/'));
    expect(ofFolder.map(({ name }) => name).join()).to.contain('/tokenizer/tokenizer.json');
    expect(ofFolder.filter(({ responseStatus }) => responseStatus >= 400)).to.deep.equal([]);
  });

  it('draws what an element is told in words', async () => {
    const element = await mount<DiffusionSampler>(
      '<diffusion-sampler controls backend="wasm" model="/test/golden/pipelines/sd-small" steps="2"></diffusion-sampler>',
    );
    await until(() => element.shadowRoot!.querySelector('textarea'));
    const field = element.shadowRoot!.querySelector('textarea')!;
    field.value = 'a bowl of green apples';
    field.dispatchEvent(new Event('change'));
    expect(element.prompt).to.equal('a bowl of green apples');
    expect(element.shadowRoot!.querySelector('select')).to.equal(null);
    const { images } = await element.generate();
    expect([images[0]!.width, images[0]!.height]).to.deep.equal([16, 16]);
    element.setAttribute('width', '24');
    expect((await element.generate()).images[0]!.width).to.equal(24);
    element.setAttribute('width', '23');
    const error = await element.generate().catch((reason) => reason);
    expect(error.message).to.match(/width is 23, but must be a multiple of 8/);
    element.width = undefined;
    element.negativePrompt = 'blurry';
    element.guidanceScale = 1;
    expect((await element.generate()).notices.at(-1)).to.contain('negative prompt');
    await element.updateComplete;
    await expect(element).to.be.accessible();
  });

  it('says what was cut off a prompt', async () => {
    const pipeline = await DiffusionPipeline.fromPretrained('/test/golden/pipelines/sd-small', {
      backend: 'wasm',
    });
    const prompt = `${'a green apple, '.repeat(40)}and the end`;
    const { notices } = await pipeline.generate({ prompt, steps: 1 });
    expect(notices[0]).to.match(
      /longer than 77 tokens: "\u2068a green apple.*…\u2069" is not read/,
    );
    for (const each of ['', '🍰🍰🍰', 'תפוח ירוק', 'a'.repeat(5000)]) {
      expect((await pipeline.generate({ prompt: each, steps: 1 })).images).to.have.length(1);
    }
    await pipeline.dispose();
  });
});
