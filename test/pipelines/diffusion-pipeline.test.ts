import { expect } from '@open-wc/testing';
import { DiffusionPipeline, TorchGenerator } from 'diffusion-elements/pipeline';
import { fashionMnist, greys } from '../helpers/pictures.js';

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
    expect([...files]).to.deep.equal(['unet/model_int8.onnx']);
  });

  it('takes timings whose parts add up', async () => {
    const { timings } = await pipeline.generate({ steps: 3, label: 0 });
    expect(timings.steps).to.equal(3);
    const parts = timings.unet + timings.kernels + timings.decode;
    expect(parts).to.be.closeTo(timings.total, 1);
    expect((await pipeline.generate({ steps: 1 })).timings.load).to.equal(0);
  });

  it('draws a class for each picture', async () => {
    const { images } = await pipeline.generate({ label: ['bag', 7, 'Coat'], steps: 1 });
    expect(images).to.have.length(3);
    const error = await pipeline.generate({ label: ['bag'], count: 2 }).catch((e) => e);
    expect(error.message).to.match(/label is "a list of 1".*each of 2/);
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

  it('runs two generations at once without mixing them', async () => {
    const alone = await pipeline.generate({ seed: 1, steps: 3 });
    const [first, second] = await Promise.all([
      pipeline.generate({ seed: 1, steps: 3 }),
      pipeline.generate({ seed: 2, steps: 3, count: 2 }),
    ]);
    expect(greys(first.images)).to.deep.equal(greys(alone.images));
    expect(second.images).to.have.length(2);
  });

  it('reports each step, with previews of the sample and of the predicted picture', async () => {
    const reports: [number, number][] = [];
    await pipeline.generate({
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
      [2, 499],
    ]);
  });

  it('is of no use after dispose, and says so', async () => {
    const other = await DiffusionPipeline.fromPretrained(fashionMnist, { backend: 'wasm' });
    await other.dispose();
    const error = await other.generate().catch((e) => e);
    expect(error.message).to.match(/disposed/);
  });
});
