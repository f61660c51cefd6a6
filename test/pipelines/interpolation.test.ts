import { expect } from '@open-wc/testing';
import { DiffusionPipeline, TorchGenerator, type Picture } from 'diffusion-elements/pipeline';
import { ArenaTensor } from '../../components/kernels/arena.js';
import { slerp } from '../../components/pipelines/interpolation.js';
import { fashionMnist, greys } from '../helpers/pictures.js';

let pipeline: DiffusionPipeline;
before(async () => {
  pipeline = await DiffusionPipeline.fromPretrained(fashionMnist, { backend: 'wasm' });
});
after(() => pipeline.dispose());

const difference = (a: Picture, b: Picture) => {
  const [x, y] = [greys([a]), greys([b])];
  return x.reduce((sum, value, i) => sum + Math.abs(value - y[i]!), 0) / x.length;
};

const codeOf = (options: object) =>
  pipeline.generate(options).then(
    () => 'none',
    (error) => `${error.code}: ${error.message}`,
  );

describe('spherical interpolation', () => {
  it('is the formula, within float32', () => {
    const length = 3 * 64 * 64 + 3;
    const [a, b, out] = [1, 2, 3].map(() => new ArenaTensor([length])) as [
      ...[ArenaTensor, ArenaTensor, ArenaTensor],
    ];
    a.data.set(new TorchGenerator(1).randn(length));
    b.data.set(new TorchGenerator(2).randn(length));
    const dot = (x: Float32Array, y: Float32Array) => x.reduce((s, v, i) => s + v * y[i]!, 0);
    const angle = Math.acos(
      dot(a.data, b.data) / Math.sqrt(dot(a.data, a.data) * dot(b.data, b.data)),
    );
    for (const u of [0, 0.25, 0.5, 1]) {
      slerp(out.pointer, a.pointer, b.pointer, u, length);
      for (let i = 0; i < length; i += 97) {
        const expected =
          (Math.sin((1 - u) * angle) * a.data[i]! + Math.sin(u * angle) * b.data[i]!) /
          Math.sin(angle);
        expect(out.data[i]).to.be.closeTo(expected, 1e-6);
      }
    }
    slerp(out.pointer, a.pointer, a.pointer, 0.3, length);
    expect(out.data[7]).to.be.closeTo(a.data[7]!, 1e-6);
  });
});

describe('interpolation in a pipeline', () => {
  it('begins and ends with the pictures of its seeds, and its middle is another', async () => {
    const options = { label: 'sneaker', steps: 3 };
    const { images } = await pipeline.generate({
      ...options,
      interpolation: { between: [3, 9], at: [0, 0.5, 1] },
    });
    const alone = await Promise.all(
      [3, 9].map((seed) => pipeline.generate({ ...options, seed, scheduler: 'ddim' })),
    );
    expect(difference(images[0]!, alone[0]!.images[0]!)).to.be.below(0.05);
    expect(difference(images[2]!, alone[1]!.images[0]!)).to.be.below(0.05);
    expect(difference(images[1]!, images[0]!)).to.be.above(2);
  });

  it('has its four seeds at the corners of a map', async () => {
    const options = { label: 'dress', steps: 2 };
    const { images } = await pipeline.generate({
      ...options,
      interpolation: {
        between: [1, 2, 3, 4],
        at: [
          [0, 0],
          [1, 0],
          [0, 1],
          [1, 1],
          [0.5, 0.5],
        ],
      },
    });
    for (const [i, seed] of [1, 2, 3, 4].entries()) {
      const alone = await pipeline.generate({ ...options, seed, scheduler: 'ddim' });
      expect(difference(images[i]!, alone.images[0]!), `seed ${seed}`).to.be.below(0.05);
    }
  });

  it('leads from a picture to another, by their noise', async () => {
    const drawn = await pipeline.generate({ label: ['bag', 'ankle boot'], seed: 4, steps: 10 });
    const [from, to] = drawn.images as [Picture, Picture];
    const { images, timings } = await pipeline.generate({
      label: ['bag', 'bag', 'ankle boot'],
      interpolation: { between: [from, to], at: [0, 0.5, 1] },
    });
    expect(timings.steps).to.equal(50);
    expect(difference(images[0]!, from)).to.be.below(12);
    expect(difference(images[2]!, to)).to.be.below(12);
  });

  for (const [what, interpolation, word] of [
    ['three seeds', { between: [1, 2, 3], at: [0] }, 'two or four seeds'],
    ['nothing', {}, 'two or four seeds'],
    ['a place beyond', { between: [1, 2], at: [1.5] }, 'from 0 to 1'],
    ['a pair among two', { between: [1, 2], at: [[0, 0]] }, 'from 0 to 1'],
    ['no places', { between: [1, 2], at: [] }, '1 to 64'],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const message = await codeOf({ interpolation });
      expect(message).to.contain('invalid-option').and.to.contain(word);
    });
  }
});

describe('labels in a pipeline', () => {
  it('are mixed by their weights: all of one is that one', async () => {
    const options = { seed: 5, steps: 2, guidanceScale: 2 };
    const { images } = await pipeline.generate({
      ...options,
      label: [{ bag: 1 }, { bag: 0.5, sneaker: 0.5 }, 'sneaker'],
    });
    const alone = await pipeline.generate({ ...options, label: ['bag', 'bag', 'sneaker'] });
    expect(difference(images[0]!, alone.images[0]!)).to.be.below(0.05);
    expect(difference(images[2]!, alone.images[2]!)).to.be.below(0.05);
    expect(difference(images[1]!, alone.images[1]!)).to.be.above(0.5);
  });

  it('of equal weights come to the same whatever their order and scale', async () => {
    const draw = (label: Record<string, number>) =>
      pipeline.generate({ label, seed: 1, steps: 2, guidanceScale: 1 });
    const [a, b] = [
      await draw({ bag: 1, coat: 1, shirt: 1 }),
      await draw({ shirt: 7, bag: 7, coat: 7 }),
    ];
    expect(difference(a.images[0]!, b.images[0]!)).to.be.below(0.3);
  });

  for (const label of [{}, { bag: 0 }, { bag: -1, coat: 2 }, { banana: 1 }]) {
    it(`refuse ${JSON.stringify(label)}`, async () => {
      expect(await codeOf({ label }))
        .to.contain('invalid-option')
        .and.to.contain('label');
    });
  }
});

describe('classifier guidance', () => {
  it('moves the picture towards its label, more with a larger scale, and not at all with none', async () => {
    const draw = async (classifierScale?: number) => {
      const options = { label: 'bag', seed: 1, steps: 4, guidanceScale: 1, scheduler: 'ddim' };
      return (await pipeline.generate({ ...options, classifierScale })).images[0]!;
    };
    const [none, zero, some, more] = [await draw(), await draw(0), await draw(2), await draw(10)];
    expect(difference(none, zero)).to.equal(0);
    expect(difference(none, some)).to.be.above(0.1);
    expect(difference(none, more)).to.be.above(difference(none, some));
  });

  it('works with samplers that scale their input, and beside classifier-free guidance', async () => {
    for (const scheduler of ['euler', 'ddpm', 'heun']) {
      const options = { label: 'bag', seed: 1, steps: 2, scheduler, classifierScale: 3 };
      const { images } = await pipeline.generate({ ...options, guidanceScale: 2 });
      expect(Math.max(...greys(images))).to.be.above(60);
    }
  });

  for (const [what, options, word] of [
    ['a scale below 0', { classifierScale: -1, label: 'bag' }, '0 to 100'],
    ['no label', { classifierScale: 1 }, 'one class'],
    ['a mixed label', { classifierScale: 1, label: { bag: 1, coat: 1 } }, 'one class'],
  ] as const) {
    it(`refuses ${what}`, async () => {
      expect(await codeOf(options))
        .to.contain('invalid-option')
        .and.to.contain(word);
    });
  }
});

describe('a step of a pipeline', () => {
  it('shows the noisy picture, the predicted one and the noise', async () => {
    const kinds = ['sample', 'x0', 'noise'] as const;
    const means: Record<string, number>[] = [];
    await pipeline.generate({
      seed: 1,
      steps: 3,
      label: 'bag',
      onStep: ({ preview }) => {
        const mean = (pictures: Picture[]) => {
          const values = greys(pictures);
          return values.reduce((sum, value) => sum + value, 0) / values.length;
        };
        means.push(Object.fromEntries(kinds.map((kind) => [kind, mean(preview(kind))])));
        expect(preview('noise')).to.deep.equal(preview('noise'));
      },
    });
    // Noise is grey in the mean at each step, pictures of clothes on black are darker.
    for (const { noise, x0 } of means) {
      expect(noise).to.be.within(110, 145);
      expect(x0).to.be.below(115);
    }
  });

  it('waits for a promise that onStep returns', async () => {
    const order: string[] = [];
    await pipeline.generate({
      steps: 2,
      onStep: async ({ step }) => {
        order.push(`begin ${step}`);
        await new Promise((resolve) => setTimeout(resolve, 30));
        order.push(`end ${step}`);
      },
    });
    expect(order).to.deep.equal(['begin 1', 'end 1', 'begin 2', 'end 2']);
  });
});
