import { expect } from '@open-wc/testing';
import type { DiffusionPipeline, Picture } from 'diffusion-elements/pipeline';
import { schedulerNames } from 'diffusion-elements/schedulers';
import { greys, pipelineWithBag } from '../helpers/pictures.js';

const SIZE = 28;

/** A picture whose grey is a function of the pixel. */
function paint(grey: (x: number, y: number) => number): Picture {
  const data = new Uint8ClampedArray(4 * SIZE * SIZE);
  for (let i = 0; i < SIZE * SIZE; i++) {
    const value = grey(i % SIZE, Math.floor(i / SIZE));
    data.set([value, value, value, 255], 4 * i);
  }
  return { data, width: SIZE, height: SIZE };
}

const rightHalf = paint((x) => (x >= SIZE / 2 ? 255 : 0));
const nothing = paint(() => 0);

describe('drawing into a mask', () => {
  let pipeline: DiffusionPipeline;
  let image: Picture;

  before(async () => ({ pipeline, image } = await pipelineWithBag()));
  after(() => pipeline.dispose());

  const left = (picture: Picture) => greys([picture]).filter((_, i) => i % SIZE < SIZE / 2);
  const right = (picture: Picture) => greys([picture]).filter((_, i) => i % SIZE >= SIZE / 2);

  for (const scheduler of schedulerNames.filter((n) => !/inverse|flow/.test(n))) {
    it(`keeps what is known to the byte, and draws the rest (${scheduler})`, async () => {
      const mask = rightHalf;
      const { images } = await pipeline.generate({ image, mask, scheduler, steps: 4, seed: 1 });
      expect(left(images[0]!)).to.deep.equal(left(image));
      expect(right(images[0]!)).not.to.deep.equal(right(image));
      expect(Math.max(...right(images[0]!))).to.be.above(40);
    });
  }

  it('takes as many runs as the walk has steps, up and down again', async () => {
    const visited: number[] = [];
    const { timings } = await pipeline.generate({
      image,
      mask: rightHalf,
      scheduler: 'ddim',
      steps: 20,
      jumpLength: 2,
      resamplings: 3,
      onStep: ({ timestep }) => visited.push(timestep),
    });
    expect(timings.steps).to.equal(56);
    expect(visited.slice(0, 5)).to.deep.equal([999, 925, 853, 783, 853]);
    const repaint = await pipeline.generate({
      image,
      mask: rightHalf,
      scheduler: 'repaint',
      steps: 10,
      jumpLength: 5,
      resamplings: 2,
    });
    expect(repaint.timings.steps).to.equal(15);
  });

  it('goes back up with many pictures at once, which takes more memory on the way', async () => {
    const { images } = await pipeline.generate({
      image: Array<Picture>(48).fill(image),
      mask: rightHalf,
      scheduler: 'repaint',
      steps: 4,
      jumpLength: 2,
      resamplings: 2,
      count: 48,
    });
    expect(left(images[47]!)).to.deep.equal(left(image));
    expect(right(images[47]!)).not.to.deep.equal(right(images[0]!));
  });

  it('gives the picture back, without a run, where all of it is known', async () => {
    for (const scheduler of ['ddim', 'repaint']) {
      const { images, timings } = await pipeline.generate({ image, mask: nothing, scheduler });
      expect(timings.steps).to.equal(0);
      expect(greys(images)).to.deep.equal(greys([image]));
    }
  });

  it('draws soft edges between the two', async () => {
    const mask = paint((x) => (x * 255) / (SIZE - 1));
    const options = { image, steps: 5, seed: 2, resamplings: 1 };
    const soft = await pipeline.generate({ ...options, mask });
    const column = (picture: Picture, x: number) =>
      greys([picture]).filter((_, i) => i % SIZE === x);
    expect(column(soft.images[0]!, 0)).to.deep.equal(column(image, 0));
    const clear = { data: mask.data.slice(), width: SIZE, height: SIZE };
    for (let i = 3; i < clear.data.length; i += 4) clear.data[i] = 0;
    const transparent = await pipeline.generate({ ...options, mask: clear });
    expect(greys(transparent.images)).to.deep.equal(greys([image]));
  });

  it('fits each of several pictures, and stays within the strength', async () => {
    const dark = paint(() => 0);
    const { images, timings } = await pipeline.generate({
      image: [image, dark],
      mask: rightHalf,
      count: 2,
      steps: 10,
      strength: 0.5,
      resamplings: 1,
    });
    expect(timings.steps).to.equal(5);
    expect(left(images[0]!)).to.deep.equal(left(image));
    expect(left(images[1]!)).to.deep.equal(left(dark));
  });

  it('says what is wrong', async () => {
    const fail = (options: object) => pipeline.generate(options).catch((error) => error);
    const small = { data: new Uint8ClampedArray(16), width: 2, height: 2 };
    const wrong: [object, string, RegExp][] = [
      [{ mask: rightHalf }, 'invalid-option', /image.*mask/],
      [{ image, mask: small }, 'image-invalid', /mask has 2 x 2.*28 x 28/],
      [{ image, mask: rightHalf, resamplings: 0 }, 'invalid-option', /resamplings is 0/],
      [{ image, mask: rightHalf, jumpLength: 0.5 }, 'invalid-option', /jumpLength.*0\.5/],
      [{ scheduler: 'repaint' }, 'invalid-option', /repaint.*mask/],
    ];
    for (const [options, code, message] of wrong) {
      const error = await fail(options);
      expect(error.code).to.equal(code);
      expect(error.message).to.match(message);
    }
  });
});
