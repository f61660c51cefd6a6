import { expect } from '@open-wc/testing';
import { DiffusionPipeline } from 'diffusion-elements/pipeline';
import {
  compareWithGolden,
  optionsOf,
  type GoldenPipelineCase,
} from '../helpers/golden-pipelines.js';

const schedulers = ['euler', 'euler-ancestral', 'heun', 'dpm', 'unipc', 'ddim-eta', 'lms'];

/** Every folder, with what was drawn from it. */
const folders: Readonly<Record<string, readonly string[]>> = {
  'sd-like': ['text-to-image', 'image-to-image'],
  'turbo-like': ['one-step'],
  'latent-uncond': ['two-pictures'],
  'sd-small': [
    ...['text-to-image', 'three-pictures', 'image-to-image'],
    ...schedulers.map((name) => `text-to-image-${name}`),
    ...['image-to-image-euler', 'image-to-image-dpm'],
  ],
  'sd2-like': ['three-prompts', 'seeds-and-eta'],
  'lcm-like': ['text-to-image', 'two-pictures', 'image-to-image'],
  'sdxl-like': [
    ...['text-to-image', 'negative-and-sizes', 'empty-negative', 'image-to-image', 'turbo'],
  ],
  'sdxs-like': ['one-step', 'image-to-image'],
  'inpaint-like': ['strength-1', 'strength-0.7', 'pndm'],
  'sd-inpaint-4': ['ddim-eta', 'euler-ancestral', 'strength-1'],
  'dit-like': ['two-classes', 'no-guidance'],
  'latent-class': ['three-classes', 'eta'],
  'fixed-1': ['text-to-image', 'three-pictures', 'image-to-image'],
  'fixed-2': ['text-to-image', 'three-pictures', 'image-to-image'],
  external: ['text-to-image'],
  half: ['text-to-image', 'three-pictures'],
  pixel: ['ddpm', 'ddim', 'ddim-eta'],
};

/** Of the largest value; half precision is off by more in a single run. */
const tolerance = (folder: string) => (folder === 'half' ? 1e-2 : 1e-3);

const urlOf = (folder: string) => `/test/golden/pipelines/${folder}`;

async function readCase(folder: string, name: string): Promise<GoldenPipelineCase> {
  return (await fetch(`${urlOf(folder)}/${name}.json`)).json();
}

describe("a folder in diffusers' layout", () => {
  for (const [folder, cases] of Object.entries(folders)) {
    it(`draws what diffusers draws: ${folder}`, async () => {
      const pipeline = await DiffusionPipeline.fromPretrained(urlOf(folder), { backend: 'wasm' });
      for (const name of cases) {
        const golden = await readCase(folder, name);
        const { latents, picture, timesteps } = await compareWithGolden(pipeline, golden);
        expect(timesteps, name).to.deep.equal(golden.timesteps);
        expect(latents, name).to.be.below(tolerance(folder));
        expect(picture, name).to.be.at.most(1);
      }
      await pipeline.dispose();
    });
  }

  it('draws the same on WebGPU, within 2/255', async () => {
    const golden = await readCase('sd-small', 'text-to-image-euler');
    const pipeline = await DiffusionPipeline.fromPretrained(urlOf('sd-small'), {
      backend: 'webgpu',
    });
    const { latents, picture } = await compareWithGolden(pipeline, golden);
    expect(pipeline.backend).to.equal('webgpu');
    expect(latents).to.be.below(1e-2);
    expect(picture).to.be.at.most(2);
    await pipeline.dispose();
  });

  it('draws the same where each part is held only while it runs', async () => {
    const golden = await readCase('sdxl-like', 'text-to-image');
    const options = { backend: 'wasm', memory: 'low' };
    const pipeline = await DiffusionPipeline.fromPretrained(urlOf('sdxl-like'), options);
    expect(pipeline.components.some(({ isLoaded }) => isLoaded)).to.equal(false);
    expect((await compareWithGolden(pipeline, golden)).latents).to.be.below(1e-3);
    expect(pipeline.components.some(({ isLoaded }) => isLoaded)).to.equal(false);
    await pipeline.dispose();
  });

  it('tells what it is made of', async () => {
    const pipeline = await DiffusionPipeline.fromPretrained(urlOf('half'), { backend: 'wasm' });
    const parts = pipeline.components.map(({ part, dtype }) => `${part} ${dtype}`);
    for (const { size, backend } of pipeline.components) {
      expect(size).to.be.above(1000);
      expect(backend).to.equal('wasm');
    }
    expect(parts).to.deep.equal(['text_encoder fp16', 'unet fp16', 'vae_decoder fp32']);
    await pipeline.dispose();
  });

  it('shows latents as small pictures, and hands them out', async () => {
    const golden = await readCase('sd-like', 'text-to-image');
    const pipeline = await DiffusionPipeline.fromPretrained(urlOf('sd-like'), { backend: 'wasm' });
    const seen: string[] = [];
    await pipeline.generate({
      ...optionsOf(golden),
      onStep: ({ preview, latents }) => {
        const [picture] = preview('x0');
        seen.push(`${picture!.width} x ${picture!.height}, ${latents().dims.join(' ')}`);
      },
    });
    expect(new Set(seen)).to.deep.equal(new Set(['12 x 8, 1 4 8 12']));
    await pipeline.dispose();
  });
});
