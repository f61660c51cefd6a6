import { expect } from '@open-wc/testing';
import { DiffusionPipeline, TorchGenerator, type Picture } from 'diffusion-elements/pipeline';
import { schedulerNames } from 'diffusion-elements/schedulers';
import { fashionMnist, greys } from '../helpers/pictures.js';

const drawsFromNoise = (name: string) => !['ddim-inverse', 'repaint', 'flow-euler'].includes(name);

describe('DiffusionPipeline', () => {
  let pipeline: DiffusionPipeline;
  const files = new Set<string>();

  before(async () => {
    pipeline = await DiffusionPipeline.fromPretrained(fashionMnist, {
      backend: 'wasm',
      onProgress: ({ file, loaded, total }) => {
        files.add(file);
        expect(loaded).to.be.at.most(total);
      },
    });
  });

  after(() => pipeline.dispose());

  it('tells its classes, its backend and what it fetched', () => {
    expect(pipeline.labels).to.have.length(10);
    expect(pipeline.labels).to.include('ankle boot');
    expect([pipeline.backend, pipeline.dtype]).to.deep.equal(['wasm', 'int8']);
    // A page's own thread has all of the runtime: it can't wait for the rest in mid-run.
    const runtime = ['runtime/wasm.bin', 'runtime/wasm-rest.bin'];
    expect([...files]).to.have.members(['unet/model_int8.onnx', ...runtime]);
  });

  it('takes timings whose parts add up', async () => {
    const { timings } = await pipeline.generate({ steps: 3, label: 0 });
    expect(timings.steps).to.equal(3);
    const parts = timings.text + timings.unet + timings.kernels + timings.decode;
    expect(parts).to.be.closeTo(timings.total, 1);
    expect((await pipeline.generate({ steps: 1 })).timings.load).to.equal(0);
  });

  it('draws a class for each picture', async () => {
    const { images } = await pipeline.generate({ label: ['bag', 7, 'Coat'], steps: 1 });
    expect(images).to.have.length(3);
    const each = await pipeline.generate({ label: ['bag', 'coat'], count: 2, steps: 1 });
    expect(each.images).to.have.length(4);
    const error = await pipeline.generate({ label: ['bag'], seed: [1, 2] }).catch((e) => e);
    expect(error.message).to.match(/seed is "a list of 2".*each of 1/);
  });

  it('starts from the noise it is handed', async () => {
    const dims = [2, 1, 28, 28];
    const initialNoise = { data: new TorchGenerator(8).randn(1568), dims };
    const options = { count: 2, steps: 2, label: 3 };
    const given = await pipeline.generate({ ...options, initialNoise, seed: 1 });
    const seeded = await pipeline.generate({ ...options, seed: 8 });
    expect(greys(given.images)).to.deep.equal(greys(seeded.images));
    const wrong = { data: new Float32Array(3), dims: [3] };
    const error = await pipeline.generate({ ...options, initialNoise: wrong }).catch((e) => e);
    expect(error.message).to.match(/initialNoise.*\[2, 1, 28, 28\]/);
  });

  it('draws alike with guidance 1 and without it, and otherwise with more', async () => {
    const options = { label: 'dress', seed: 5, steps: 2 };
    const plain = await pipeline.generate({ ...options, guidanceScale: 1 });
    const guided = await pipeline.generate({ ...options, guidanceScale: 3 });
    const zero = await pipeline.generate({ ...options, guidanceScale: 0 });
    const unlabelled = await pipeline.generate({ seed: 5, steps: 2 });
    expect(greys(guided.images)).not.to.deep.equal(greys(plain.images));
    const differences = greys(zero.images).map((v, i) =>
      Math.abs(v - greys(unlabelled.images)[i]!),
    );
    expect(Math.max(...differences)).to.be.at.most(2);
  });

  for (const scheduler of ['ddpm', 'DDPMScheduler', 'ddim']) {
    it(`repeats itself with ${scheduler} and a seed`, async () => {
      const options = { scheduler, seed: 3, steps: 4, eta: 0.5, label: 1 };
      const first = await pipeline.generate(options);
      const again = await pipeline.generate(options);
      expect(greys(again.images)).to.deep.equal(greys(first.images));
    });
  }

  for (const scheduler of schedulerNames.filter(drawsFromNoise)) {
    it(`draws clothes, not noise, with ${scheduler}`, async () => {
      const { images, timings } = await pipeline.generate({
        scheduler,
        seed: 2,
        steps: 6,
        label: 'trouser',
      });
      expect(timings.steps).to.be.within(6, 11);
      // Trousers stand in the middle, on black.
      const pixels = greys(images);
      const mean = (from: number, to: number) => {
        const inside = pixels.filter((_, i) => i % 28 >= from && i % 28 < to);
        return inside.reduce((sum, value) => sum + value, 0) / inside.length;
      };
      expect(mean(0, 4)).to.be.below(25);
      expect(mean(10, 18)).to.be.above(70);
    });
  }

  it('refuses schedulers that cannot draw from noise with this model', async () => {
    for (const scheduler of ['ddim-inverse', 'repaint', 'flow-euler', 'no-such']) {
      const error = await pipeline.generate({ scheduler }).catch((e) => e);
      expect(error.code).to.equal('invalid-option');
      expect(error.message).to.contain(scheduler);
    }
  });

  describe('starting from a picture', () => {
    const options = { label: 'bag', seed: 4, steps: 10 };
    let picture: Picture;

    before(async () => {
      [picture] = (await pipeline.generate(options)).images as [Picture];
    });

    const distance = (a: Picture, b: Picture) =>
      greys([a]).reduce((sum, value, i) => sum + Math.abs(value - greys([b])[i]!), 0) / 784;

    for (const scheduler of ['ddim', 'ddpm', 'pndm', 'heun', 'dpm++', 'unipc', 'euler']) {
      it(`keeps the more of it the lower the strength (${scheduler})`, async () => {
        const from = async (strength: number) => {
          const result = await pipeline.generate({
            ...options,
            scheduler,
            seed: 5,
            image: picture,
            strength,
          });
          return { changed: distance(result.images[0]!, picture), runs: result.timings.steps };
        };
        const [none, little, much] = [await from(0), await from(0.3), await from(0.9)];
        expect(none.changed).to.equal(0);
        expect(none.runs).to.equal(0);
        expect(little.changed).to.be.within(0.5, 40);
        expect(much.changed).to.be.above(1.2 * little.changed);
        expect(little.runs).to.be.within(3, 6);
      });
    }

    it('says what is wrong with the picture or the strength', async () => {
      const small = { data: new Uint8ClampedArray(16), width: 2, height: 2 };
      const invalid = await pipeline.generate({ image: small }).catch((e) => e);
      expect(invalid.code).to.equal('image-invalid');
      expect(invalid.message).to.match(/2 x 2.*28 x 28/);
      const strong = await pipeline.generate({ image: picture, strength: 2 }).catch((e) => e);
      expect(strong.message).to.match(/strength is 2/);
    });
  });

  it('takes back contrast that guidance adds, as far as asked', async () => {
    const options = { label: 'coat', seed: 1, steps: 1, guidanceScale: 8 };
    const deviation = async (guidanceRescale: number) => {
      const pixels = greys((await pipeline.generate({ ...options, guidanceRescale })).images);
      const mean = pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
      return Math.sqrt(pixels.reduce((sum, value) => sum + (value - mean) ** 2, 0));
    };
    expect(await deviation(1)).to.be.below(await deviation(0.5));
    expect(await deviation(0.5)).to.be.below(await deviation(0));
  });

  it('runs two generations at once without mixing them', async () => {
    const alone = await pipeline.generate({ seed: 1, steps: 3 });
    const [first, second] = await Promise.all([
      pipeline.generate({ seed: 1, steps: 3 }),
      pipeline.generate({ seed: 2, steps: 3, count: 2 }),
    ]);
    expect(greys(first.images)).to.deep.equal(greys(alone.images));
    expect(second.images).to.have.length(2);
  });

  it('keeps the inputs of runs that wait while memory grows under them', async () => {
    const alone = await pipeline.generate({ seed: 3, steps: 2, label: 4 });
    const counts = [1, 8, 16, 32, 64];
    const runs = counts.map((count) => pipeline.generate({ seed: 3, steps: 2, label: 4, count }));
    const [first, ...others] = await Promise.all(runs);
    expect(greys(first!.images)).to.deep.equal(greys(alone.images));
    expect(others.map(({ images }) => images.length)).to.deep.equal(counts.slice(1));
  });

  it('reports each step, with previews of the sample and of the predicted picture', async () => {
    const reports: [number, number][] = [];
    await pipeline.generate({
      scheduler: 'ddim',
      steps: 2,
      count: 2,
      onStep: ({ step, timestep, preview }) => {
        reports.push([step, timestep]);
        expect(preview()).to.have.length(2);
        expect(greys(preview('x0'))).to.have.length(1568);
      },
    });
    expect(reports).to.deep.equal([
      [1, 999],
      [2, 353],
    ]);
  });

  it('is of no use after dispose, and says so', async () => {
    const other = await DiffusionPipeline.fromPretrained(fashionMnist, { backend: 'wasm' });
    await other.dispose();
    const error = await other.generate().catch((e) => e);
    expect(error.message).to.match(/disposed/);
  });
});
