import { expect } from 'chai';
import { ArenaTensor } from '../../components/kernels/arena.js';
import { TorchGenerator } from '../../components/schedulers/index.js';
import { Perceptron } from '../../components/training/perceptron.js';
import { PointDenoiser } from '../../components/training/point-denoiser.js';
import type { PointTraining } from '../../components/training/training-options.js';
import golden from '../golden/point-denoiser.json' with { type: 'json' };

const settings = { learningRate: 1e-3, batchSize: 128 };
const ring: PointTraining = {
  points: Float32Array.from({ length: 1000 }, (_, i) =>
    i % 2 ? 1.4 * Math.sin((i - 1) / 159) : 1.4 * Math.cos(i / 159),
  ),
  width: 32,
  seed: 1,
};

describe('a multilayer perceptron', () => {
  it('has the gradients that finite differences give', () => {
    const generator = new TorchGenerator(3);
    const network = new Perceptron([5, 7, 6, 3], 9, generator);
    const [input, target, slope] = [
      [9, 5],
      [9, 3],
      [9, 3],
    ].map((dims) => {
      const tensor = new ArenaTensor(dims);
      generator.fill(tensor);
      return tensor;
    }) as [ArenaTensor, ArenaTensor, ArenaTensor];
    const loss = () => {
      const output = network.forward(input, 9).data;
      let sum = 0;
      for (let i = 0; i < 27; i++) sum += (output[i]! - target.data[i]!) ** 2;
      return sum / 2;
    };
    loss();
    const output = network.forward(input, 9).data;
    slope.data.forEach((_, i) => (slope.data[i] = output[i]! - target.data[i]!));
    network.backward(input, slope, 9);
    const gradients = network.gradients.data.slice();
    const step = 2e-3;
    for (let i = 0; i < network.parameters.length; i++) {
      const value = network.parameters.data[i]!;
      const at = (moved: number) => {
        network.parameters.data[i] = moved;
        return loss();
      };
      const expected = (at(value + step) - at(value - step)) / (2 * step);
      network.parameters.data[i] = value;
      expect(gradients[i]!).to.be.closeTo(expected, 5e-3 * Math.max(1, Math.abs(expected)));
    }
  });
});

describe('the denoiser of points', () => {
  it('learns as PyTorch does, number for number', () => {
    const { width, batchSize, seed, learningRate, losses } = golden;
    const points = Float32Array.from(golden.points);
    const denoiser = new PointDenoiser({ points, width, seed });
    for (const [index, loss] of losses.entries()) {
      const own = denoiser.iterate({ learningRate, batchSize });
      expect(own, `iteration ${index + 1}`).to.be.closeTo(loss, 2e-5);
    }
    denoiser.field(50, 2, 1).forEach((value, i) => {
      expect(value).to.be.closeTo(golden.field[i]!, 1e-3);
    });
    denoiser.release();
  });

  it('draws a ring from noise, by DDPM and by DDIM', () => {
    const denoiser = new PointDenoiser(ring);
    for (let i = 0; i < 1500; i++) denoiser.iterate({ ...settings, learningRate: 2e-3 });
    for (const [sampler, steps] of [
      ['ddpm', 100],
      ['ddim', 20],
    ] as const) {
      const path = denoiser.sample(sampler, steps, 700, 5);
      expect(path.length).to.equal((steps + 1) * 1400);
      const radii = Array.from(path.subarray(-1400)).flatMap((_, i, last) =>
        i % 2 ? [] : [Math.hypot(last[i]!, last[i + 1]!)],
      );
      const near = radii.filter((radius) => Math.abs(radius - 1.4) < 0.35).length;
      expect(near / radii.length, sampler).to.be.above(0.8);
    }
    denoiser.release();
  });

  it('draws the same samples from the same seed', () => {
    const denoiser = new PointDenoiser(ring);
    denoiser.iterate(settings);
    expect(denoiser.sample('ddpm', 10, 40, 9)).to.deep.equal(denoiser.sample('ddpm', 10, 40, 9));
    denoiser.release();
  });

  it('tells what an iteration did, as the algorithm has it', () => {
    const denoiser = new PointDenoiser(ring);
    const loss = denoiser.iterate(settings);
    const { original, noise, timesteps, noised, predicted } = denoiser.detail(128);
    let sum = 0;
    predicted.forEach((value, i) => (sum += (value - noise[i]!) ** 2 / 256));
    expect(sum).to.be.closeTo(loss, 1e-4);
    const betas = Array.from({ length: 100 }, (_, i) => 0.001 + (0.199 * i) / 99);
    for (let i = 0; i < 256; i++) {
      const cumprod = betas.slice(0, timesteps[i >> 1]! + 1).reduce((p, beta) => p * (1 - beta), 1);
      const expected = Math.sqrt(cumprod) * original[i]! + Math.sqrt(1 - cumprod) * noise[i]!;
      expect(noised[i]).to.be.closeTo(expected, 1e-5);
    }
    denoiser.release();
  });

  it('gives all of its memory back', () => {
    const use = () => {
      const denoiser = new PointDenoiser(ring);
      denoiser.iterate(settings);
      denoiser.sample('ddim', 5, 600, 0);
      denoiser.field(10, 8, 2);
      denoiser.release();
    };
    const marker = () => {
      const tensor = new ArenaTensor([1_000_003]);
      tensor.release();
      return tensor.pointer;
    };
    use();
    const before = marker();
    for (let i = 0; i < 5; i++) use();
    expect(marker()).to.equal(before);
  });

  for (const [what, change, word] of [
    ['half a point', { batchSize: 0.5 }, 'batch-size'],
    ['more points than it has room for', { batchSize: 1025 }, 'batch-size'],
    ['a learning rate of 0', { learningRate: 0 }, 'learning-rate'],
  ] as const) {
    it(`refuses an iteration with ${what}, and goes on`, () => {
      const denoiser = new PointDenoiser(ring);
      expect(() => denoiser.iterate({ ...settings, ...change })).to.throw(word);
      expect(denoiser.iterate(settings)).to.be.above(0);
      denoiser.release();
    });
  }

  for (const [what, change, word] of [
    ['a width of 3', { width: 3 }, 'width'],
    ['no points', { points: new Float32Array(0) }, 'points'],
    ['points that are no numbers', { points: Float32Array.of(NaN, 1) }, 'points'],
  ] as const) {
    it(`refuses ${what}`, () => {
      expect(() => new PointDenoiser({ ...ring, ...change })).to.throw(word);
    });
  }
});
