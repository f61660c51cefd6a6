import { expect } from '@open-wc/testing';
import type { DiffusionPipeline, Expansion, Picture } from 'diffusion-elements/pipeline';
import { greys, pipelineWithBag } from '../helpers/pictures.js';

const SIZE = 28;

describe('drawing beyond the frame', () => {
  let pipeline: DiffusionPipeline;
  let image: Picture;

  before(async () => ({ pipeline, image } = await pipelineWithBag()));
  after(() => pipeline.dispose());

  const options = { steps: 3, resamplings: 1, seed: 1 };
  /** A part of a picture. */
  const part = ({ data, width }: Picture, x: number, y: number, w: number, h: number) =>
    greys([{ data }]).filter((_, i) => {
      const [column, row] = [i % width, Math.floor(i / width)];
      return column >= x && column < x + w && row >= y && row < y + h;
    });

  for (const [side, x, y] of [
    ['left', 20, 0],
    ['right', 0, 0],
    ['top', 0, 20],
    ['bottom', 0, 0],
  ] as const) {
    it(`to the ${side}, by windows, and keeps the picture to the byte`, async () => {
      const expand = { side, amount: 20 };
      const steps: string[] = [];
      const { images, timings } = await pipeline.generate({
        ...options,
        image,
        expand,
        onStep: ({ step, steps: all }) => steps.push(`${step}/${all}`),
      });
      const [wide] = images as [Picture];
      const horizontal = side === 'left' || side === 'right';
      expect([wide.width, wide.height]).to.deep.equal(horizontal ? [48, 28] : [28, 48]);
      expect(part(wide, x, y, SIZE, SIZE)).to.deep.equal(greys([image]));
      expect(timings.steps).to.equal(6);
      expect(steps).to.deep.equal(['1/6', '2/6', '3/6', '4/6', '5/6', '6/6']);
      // Nothing is left out: every pixel is opaque, and the second window drew its part.
      expect(wide.data.every((value, i) => i % 4 < 3 || value === 255)).to.equal(true);
      const far = { left: [0, 0, 6, 28], right: [42, 0, 6, 28], top: [0, 0, 28, 6] };
      const [fx, fy, fw, fh] = side === 'bottom' ? [0, 42, 28, 6] : far[side];
      expect(new Set(part(wide, fx!, fy!, fw!, fh!)).size).to.be.above(1);
    });
  }

  it('shows the whole picture after each step', async () => {
    const previews: Picture[] = [];
    await pipeline.generate({
      ...options,
      image,
      count: 2,
      expand: { side: 'right', amount: 14 },
      onStep: ({ preview }) => previews.push(...preview()),
    });
    expect(previews).to.have.length(6);
    for (const preview of previews) {
      expect(preview.width).to.equal(42);
      expect(part(preview, 0, 0, 14, SIZE)).to.deep.equal(part(image, 0, 0, 14, SIZE));
    }
  });

  it('gives the same bytes for the same seed', async () => {
    const expand: Expansion = { side: 'top', amount: 9 };
    const draw = async () => (await pipeline.generate({ ...options, image, expand })).images;
    expect(greys(await draw())).to.deep.equal(greys(await draw()));
  });

  it('says what is wrong', async () => {
    const fail = (wrong: object) => pipeline.generate(wrong).catch((error) => error.message);
    expect(await fail({ image, expand: { side: 'up', amount: 3 } })).to.match(/side is "up".*left/);
    expect(await fail({ image, expand: { side: 'top', amount: 0 } })).to.match(/amount is 0/);
    expect(await fail({ expand: { side: 'top', amount: 3 } })).to.match(/image.*expand/);
    const both = { image, mask: image, expand: { side: 'top', amount: 3 } };
    expect(await fail(both)).to.match(/mask.*left out.*expand/);
  });
});
