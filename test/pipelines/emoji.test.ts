import { expect } from '@open-wc/testing';
import { DiffusionPipeline } from 'diffusion-elements/pipeline';

interface Golden {
  readonly prompt: string;
  readonly negativePrompt: string;
  readonly seed: number;
  readonly steps: number;
  readonly guidanceScale: number;
  readonly latents: number[][];
  readonly picture: number[];
}

const largest = (values: ArrayLike<number>, others: ArrayLike<number>) =>
  Array.from(values).reduce((most, value, i) => Math.max(most, Math.abs(value - others[i]!)), 0);

/** `reference.py` in models/training/emoji has drawn the same in PyTorch. */
describe('the bundled emoji model and PyTorch', () => {
  let golden: Golden;
  before(async () => {
    golden = await (await fetch('/test/golden/emoji.json')).json();
  });

  for (const backend of ['wasm', 'webgpu']) {
    it(`draw the same on ${backend}, step by step`, async () => {
      const { prompt, negativePrompt, seed, steps, guidanceScale } = golden;
      const pipeline = await DiffusionPipeline.fromPretrained('emoji', { backend, dtype: 'q8' });
      const apart: number[] = [];
      const onStep = ({ step, latents }: { step: number; latents(): { data: Float32Array } }) => {
        apart.push(largest(latents().data, golden.latents[step - 1]!));
      };
      const options = { prompt, negativePrompt, seed, steps, guidanceScale, scheduler: 'ddim' };
      const { images } = await pipeline.generate({ ...options, onStep });
      expect(apart).to.have.length(4);
      expect(Math.max(...apart)).to.be.below(1e-3);
      const rgb = [...images[0]!.data].filter((_, i) => i % 4 < 3);
      expect(largest(rgb, golden.picture)).to.be.at.most(2);
      await pipeline.dispose();
    });
  }
});
