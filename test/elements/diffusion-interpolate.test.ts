import { expect, fixture, html } from '@open-wc/testing';
import { sendKeys } from '@web/test-runner-commands';
import 'diffusion-elements';
import type { DiffusionInterpolate } from 'diffusion-elements';
import { frame, mount, until } from '../helpers/painting.js';
import { greys, nextEvent } from '../helpers/pictures.js';

const interpolate = (attributes = '') =>
  mount<DiffusionInterpolate>(
    `<diffusion-interpolate backend="wasm" steps="2" ${attributes}></diffusion-interpolate>`,
  );

const canvas = (element: DiffusionInterpolate, selector: string) =>
  element.shadowRoot!.querySelector<HTMLCanvasElement>(`${selector} canvas`)!;

describe('<diffusion-interpolate>', () => {
  it('draws the frames between two seeds, and shows the one that is chosen', async () => {
    const element = await interpolate('label="sneaker" from-seed="3" to-seed="9" frames="5"');
    const { images } = await element.generate();
    await element.updateComplete;
    expect(images).to.have.length(5);
    const [strip, stage] = [canvas(element, '.strip'), canvas(element, '.stage')];
    expect([strip.width, strip.height]).to.deep.equal([140, 28]);
    const first = stage.toDataURL();
    element.frame = 4;
    await element.updateComplete;
    expect(stage.toDataURL()).not.to.equal(first);
    const bitmap = await createImageBitmap(await element.toBlob());
    expect(bitmap.width).to.equal(140);
  });

  it('blends two labels, and says so where one is missing', async () => {
    const element = await interpolate('label="sneaker" to-label="bag" frames="3" to-seed="0"');
    const { images } = await element.generate();
    expect(new Set(images.map((image) => greys([image]).join())).size).to.equal(3);
    element.label = undefined;
    const error = await element.generate().catch((reason) => reason);
    expect(error.message).to.contain('label').and.to.contain('to-label');
  });

  it('takes other options for one run only', async () => {
    const element = await interpolate('label="sneaker" frames="2"');
    const attribute = await element.generate();
    const once = await element.generate({ label: 'dress' });
    expect(greys(once.images)).not.to.deep.equal(greys(attribute.images));
    expect(greys((await element.generate()).images)).to.deep.equal(greys(attribute.images));
  });

  it('is a map of four seeds, by pointer and by keys', async () => {
    const element = await interpolate('four-seeds="1 2 3 4" frames="3" label="dress"');
    await element.generate();
    await element.updateComplete;
    expect(element.images).to.have.length(9);
    const strip = element.shadowRoot!.querySelector('.strip')!;
    const { left, top, width, height } = strip.getBoundingClientRect();
    const at = { clientX: left + 0.9 * width, clientY: top + 0.5 * height };
    const events: string[] = [];
    element.addEventListener('input', () => events.push('input'));
    strip.dispatchEvent(new PointerEvent('pointerdown', { ...at, buttons: 1 }));
    expect(element.frame).to.equal(5);
    await element.updateComplete;
    const [across] = element.shadowRoot!.querySelectorAll<HTMLInputElement>('input[type=range]');
    across!.focus();
    await sendKeys({ press: 'ArrowLeft' });
    expect(element.frame).to.equal(4);
    expect(events).to.deep.equal(['input', 'input']);
  });

  it('leads from one picture to another', async () => {
    const element = await interpolate(
      `from-src="${frame(28)}" to-src="/demo/pictures/bag.png" frames="3" steps="4"`,
    );
    expect((await element.generate()).images).to.have.length(3);
    element.toSrc = '';
    const error = await element.generate().catch((reason) => reason);
    expect(error.message).to.contain('to-src');
  });

  it('plays there and back, and pauses', async () => {
    const element = await interpolate('frames="4" loop duration="300"');
    await element.generate();
    const seen = new Set<number>();
    element.play();
    expect(element.paused).to.equal(false);
    await until(() => seen.add(element.frame).size === 4);
    element.pause();
    const { frame: held } = element;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(element.frame).to.equal(held);
  });

  it('is saved as a GIF and as a video, which the browser can read', async () => {
    const element = await interpolate('frames="4" loop');
    await element.generate();
    const gif = await element.record('gif');
    expect(gif.type).to.equal('image/gif');
    expect((await createImageBitmap(gif)).width).to.equal(280);
    const video = await element.record('video');
    expect(video.type).to.match(/^video\/(mp4|webm)$/);
    const player = document.createElement('video');
    const loaded = nextEvent(player, 'loadeddata');
    player.muted = true;
    player.src = URL.createObjectURL(video);
    await loaded;
    expect([player.videoWidth, player.videoHeight]).to.deep.equal([280, 280]);
    expect(player.duration).to.be.within(0.1, 10);
  });

  for (const [attribute, value, word] of [
    ['frames', '1', '2 to 64'],
    ['frames', '65', '2 to 64'],
    ['from-seed', '-1', 'from-seed is -1'],
    ['to-seed', 'none', 'a whole number'],
    ['four-seeds', '1 2 3', 'four whole numbers'],
    ['label', 'banana', 'ankle boot'],
    ['to-label', 'banana', 'ankle boot'],
  ]) {
    it(`says what ${attribute}="${value}" should be, and works once it is mended`, async () => {
      const element = await interpolate('frames="2" label="bag"');
      element.setAttribute(attribute!, value!);
      const error = await element.generate().catch((reason) => reason);
      expect(error.code).to.equal('invalid-option');
      expect(error.message).to.contain(word);
      if (attribute === 'label') element.label = 'bag';
      else element.removeAttribute(attribute!);
      expect((await element.generate()).images.length).to.be.at.least(2);
    });
  }

  it('is accessible, from right to left too, and fits into 320 pixels', async () => {
    const element = await interpolate('controls frames="3"');
    await element.generate();
    await expect(element).to.be.accessible();
    const box = await fixture<HTMLElement>(html`
      <div dir="rtl" style="width: 320px">
        <diffusion-interpolate controls preload="none" four-seeds="1 2 3 4"></diffusion-interpolate>
      </div>
    `);
    expect(box.scrollWidth).to.equal(320);
  });
});
