// What people give as a picture: each is one, or a clear error, and the element works again.
import { expect } from '@open-wc/testing';
import 'diffusion-elements';
import type { DiffusionInpaint } from 'diffusion-elements';
import { animatedGif, largePng, turnedJpeg } from '../helpers/files.js';
import { frame, mount, until } from '../helpers/painting.js';
import { greys } from '../helpers/pictures.js';

const SIZE = 28;
const otherOrigin = location.origin.replace('localhost', '127.0.0.1');

describe('pictures that <diffusion-inpaint> is given', () => {
  const element = () =>
    mount<DiffusionInpaint>(
      '<diffusion-inpaint backend="wasm" steps="3" seed="1" invert="false"></diffusion-inpaint>',
    );
  const grey = (picture: DiffusionInpaint['picture'], x: number, y: number) =>
    greys([picture!])[y * SIZE + x];

  /** Fails with this code, and works again. */
  async function refuses(source: Parameters<DiffusionInpaint['load']>[0], code: string) {
    const inpaint = await element();
    await inpaint.load(source);
    expect(inpaint.state).to.equal('failed');
    expect(inpaint.error).to.have.property('code', code);
    await inpaint.load(frame(100));
    inpaint.maskPreset = 'half';
    await until(() => !inpaint.maskElement!.isEmpty);
    await inpaint.generate();
    expect(inpaint.state).to.equal('done');
    return inpaint;
  }

  it('takes 100 megapixels, decoded at a reduced size', async () => {
    const inpaint = await element();
    await inpaint.load(await largePng(10_000, 10_000));
    expect(inpaint.error).to.equal(undefined);
    expect([inpaint.picture!.width, inpaint.picture!.height]).to.deep.equal([SIZE, SIZE]);
  });

  it('turns a phone photo upright', async () => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [80, 80];
    const context = canvas.getContext('2d')!;
    context.fillRect(0, 0, 80, 80);
    context.fillStyle = 'white';
    context.fillRect(0, 0, 40, 80);
    const inpaint = await element();
    await inpaint.load(await turnedJpeg(canvas));
    // Its left half is white as stored; turned by 90 degrees clockwise that is the top.
    expect(grey(inpaint.picture, 14, 4)).to.be.above(250);
    expect(grey(inpaint.picture, 14, 24)).to.be.below(5);
  });

  it('takes the first frame of an animation', async () => {
    const inpaint = await element();
    await inpaint.load(animatedGif());
    expect(inpaint.error).to.equal(undefined);
    expect(grey(inpaint.picture, 14, 14)).to.equal(255);
  });

  it('takes an SVG', async () => {
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" width="50" height="50"><rect width="50" height="25" fill="#fff"/><rect y="25" width="50" height="25"/></svg>';
    const inpaint = await element();
    await inpaint.load(new Blob([svg], { type: 'image/svg+xml' }));
    expect(inpaint.error).to.equal(undefined);
    expect(grey(inpaint.picture, 14, 4)).to.equal(255);
    expect(grey(inpaint.picture, 14, 24)).to.equal(0);
  });

  it('refuses a file that is no picture', async () => {
    await refuses(new Blob(['no picture'], { type: 'image/png' }), 'image-invalid');
  });

  it('refuses a cut-off picture or shows what is there of it', async () => {
    const whole = await (await fetch(frame(200))).blob();
    const inpaint = await element();
    await inpaint.load(whole.slice(0, 40));
    expect(inpaint.error).to.have.property('code', 'image-invalid');
  });

  it('refuses an address without a picture', async () => {
    await refuses('/nothing-here.png', 'image-invalid');
  });

  it('refuses an <img> of another origin without CORS, and says what helps', async () => {
    const image = new Image();
    image.src = `${otherOrigin}/demo/pictures/bag.png?no-cors`;
    await image.decode();
    const inpaint = await refuses(image, 'image-tainted');
    inpaint.append(image);
    const failed = await element();
    await failed.load(image);
    expect(failed.error!.message).to.contain('crossorigin="anonymous"');
  });

  it('refuses an address whose server forbids it, and says which header helps', async () => {
    const inpaint = await element();
    await inpaint.load(`${otherOrigin}/demo/pictures/bag.png?no-cors`);
    expect(inpaint.error).to.have.property('code', 'image-tainted');
    expect(inpaint.error!.message).to.contain('Access-Control-Allow-Origin');
    await inpaint.load(`${otherOrigin}/demo/pictures/bag.png`);
    expect(inpaint.picture!.width).to.equal(SIZE);
  });

  it('resamples a mask of another size', async () => {
    const inpaint = await element();
    inpaint.mask = frame(301);
    await inpaint.load(frame(100));
    await until(() => !inpaint.maskElement!.isEmpty);
    const mask = inpaint.maskElement!.picture;
    expect(mask.width).to.equal(SIZE);
    // frame() is dark for its outer fifth.
    expect(grey(mask, 1, 14)).to.equal(0);
    expect(grey(mask, 14, 14)).to.be.above(150);
  });
});
