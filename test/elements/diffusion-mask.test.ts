import { expect } from '@open-wc/testing';
import { sendKeys } from '@web/test-runner-commands';
import 'diffusion-elements';
import type { DiffusionMask } from 'diffusion-elements';
import { drag, frame, mount, painted, stageOf, touch, until } from '../helpers/painting.js';
import { greys, nextEvent } from '../helpers/pictures.js';

describe('<diffusion-mask>', () => {
  const maskOn = async (extra = '') => {
    const mask = await mount<DiffusionMask>(
      `<diffusion-mask src="${frame(56)}" ${extra}></diffusion-mask>`,
    );
    await until(() => mask.picture.width === 56);
    return mask;
  };

  it('is painted with the mouse, and undone, redone, inverted, cleared', async () => {
    const mask = await maskOn('brush-size="20"');
    const events: string[] = [];
    mask.addEventListener('input', () => events.push('input'));
    mask.addEventListener('change', () => events.push('change'));
    expect(mask.value).to.equal(null);
    await drag(stageOf(mask), [0.2, 0.5], [0.8, 0.5]);
    expect(events.at(-1)).to.equal('change');
    expect(events).to.include('input');
    const pixels = greys([mask.picture]);
    expect(pixels[28 * 56 + 28]).to.equal(255);
    expect(pixels[2 * 56 + 28]).to.equal(0);
    const area = painted(mask);
    expect(area).to.be.within(300, 700);
    mask.invert();
    expect(painted(mask)).to.be.within(56 * 56 - area - 20, 56 * 56 - area + 150);
    mask.undo();
    expect(painted(mask)).to.equal(area);
    mask.undo();
    expect(mask.isEmpty).to.equal(true);
    mask.redo();
    expect(painted(mask)).to.equal(area);
    mask.clear();
    expect(mask.value).to.equal(null);
  });

  it('erases, and fills rectangles', async () => {
    const mask = await maskOn('tool="rectangle"');
    await drag(stageOf(mask), [0.25, 0.25], [0.75, 0.75]);
    expect(painted(mask)).to.be.within(700, 900);
    mask.tool = 'eraser';
    await drag(stageOf(mask), [0, 0.5], [1, 0.5]);
    expect(greys([mask.picture])[28 * 56 + 28]).to.equal(0);
  });

  it('is painted with the keyboard alone', async () => {
    const mask = await maskOn();
    stageOf(mask).focus();
    await sendKeys({ press: 'ArrowLeft' });
    await sendKeys({ down: ' ' });
    await sendKeys({ press: 'ArrowRight' });
    await sendKeys({ press: 'ArrowRight' });
    await sendKeys({ up: ' ' });
    const area = painted(mask);
    expect(area).to.be.above(40);
    const before = mask.brushSize ?? 15;
    await sendKeys({ press: ']' });
    expect(mask.brushSize).to.be.above(before);
    await sendKeys({ down: 'Control' });
    await sendKeys({ press: 'z' });
    await sendKeys({ up: 'Control' });
    expect(mask.isEmpty).to.equal(true);
  });

  it('takes no paint when it is readonly', async () => {
    const mask = await maskOn('readonly');
    await drag(stageOf(mask), [0.2, 0.5], [0.8, 0.5]);
    expect(mask.isEmpty).to.equal(true);
  });

  it('takes no paint while there is no picture yet to paint on, or none at all', async () => {
    const mask = await mount<DiffusionMask>(
      '<diffusion-mask src="/no-such-picture.png"></diffusion-mask>',
    );
    await drag(stageOf(mask), [0.2, 0.5], [0.8, 0.5]);
    expect(mask.isEmpty).to.equal(true);
    mask.src = frame(56);
    await until(() => mask.picture.width === 56);
    await drag(stageOf(mask), [0.2, 0.5], [0.8, 0.5]);
    expect(mask.isEmpty).to.equal(false);
  });

  it('gives its value as a PNG, takes one of another size, and submits it with a form', async () => {
    const form = await mount<HTMLFormElement>(
      `<form><diffusion-mask name="hole" src="${frame(56)}"></diffusion-mask></form>`,
    );
    const mask = form.querySelector('diffusion-mask')!;
    await until(() => mask.picture.width === 56);
    await drag(stageOf(mask), [0.2, 0.5], [0.8, 0.5]);
    const { value } = mask;
    expect(value!.type).to.equal('image/png');
    expect((new FormData(form).get('hole') as File).name).to.equal('hole.png');
    const other = await maskOn();
    other.resize(28, 28);
    await other.load(value!);
    expect(painted(other)).to.be.within(painted(mask) / 4 - 40, painted(mask) / 4 + 60);
    form.reset();
    expect(mask.isEmpty).to.equal(true);
    expect(new FormData(form).get('hole')).to.equal(null);
  });

  /** Where the layers stand in the stage: their scale, and how far they are moved, in pixels. */
  const layers = (mask: DiffusionMask) => {
    const { width, left, top } = mask.shadowRoot!.querySelector('.layers')!.getBoundingClientRect();
    const stage = stageOf(mask).getBoundingClientRect();
    return { scale: width / stage.width, left: left - stage.left, top: top - stage.top };
  };

  it('is painted with a finger; a second finger zooms and takes the stroke back', async () => {
    const mask = await maskOn();
    const stage = stageOf(mask);
    stage.scrollIntoView({ block: 'center' });
    const { left, top, width, height } = stage.getBoundingClientRect();
    const at = (x: number, y: number): [number, number] => [left + x * width, top + y * height];
    await touch('touchStart', at(0.3, 0.5));
    await touch('touchMove', at(0.5, 0.5));
    await touch('touchEnd');
    const area = painted(mask);
    expect(area).to.be.above(50);
    await touch('touchStart', at(0.4, 0.4));
    await touch('touchMove', at(0.4, 0.3));
    await touch('touchStart', at(0.4, 0.3), at(0.6, 0.3));
    await touch('touchMove', at(0.3, 0.3), at(0.7, 0.3));
    await touch('touchMove', at(0.2, 0.3), at(0.8, 0.3));
    await touch('touchEnd');
    await mask.updateComplete;
    expect(painted(mask)).to.equal(area);
    expect(layers(mask).scale).to.be.within(2.5, 3.5);
    // What is in sight is what one paints on.
    mask.clear();
    await touch('touchStart', at(0.5, 0.5));
    await touch('touchMove', at(0.52, 0.5));
    await touch('touchEnd');
    expect(painted(mask)).to.be.within(1, area / 2);
  });

  it('zooms with keys and the wheel, and moves with the wheel', async () => {
    const mask = await maskOn('controls');
    const stage = stageOf(mask);
    stage.focus();
    await sendKeys({ press: '+' });
    await sendKeys({ press: '+' });
    expect(layers(mask).scale).to.be.closeTo(2.25, 0.01);
    const before = layers(mask).top;
    const wheel = (init: WheelEventInit) =>
      stage.dispatchEvent(new WheelEvent('wheel', { cancelable: true, ...init }));
    expect(wheel({ deltaY: 20 })).to.equal(false);
    await mask.updateComplete;
    expect(layers(mask).top).to.be.closeTo(before - 20, 1);
    wheel({ deltaY: 1e5 });
    await mask.updateComplete;
    const { height } = stage.getBoundingClientRect();
    expect(layers(mask).top).to.be.closeTo(height - 2.25 * height, 1);
    wheel({ deltaY: 100, ctrlKey: true });
    await mask.updateComplete;
    expect(layers(mask).scale).to.be.below(1.2);
    await sendKeys({ press: '0' });
    expect(layers(mask)).to.deep.equal({ scale: 1, left: 0, top: 0 });
    expect(wheel({ deltaY: 20 })).to.equal(true);
  });

  it('saves its mask as a file, and opens one', async () => {
    const mask = await maskOn('controls');
    const button = (text: string) =>
      [...mask.shadowRoot!.querySelectorAll('button')].find((each) =>
        each.textContent!.includes(text),
      )!;
    expect(button('Save mask').disabled).to.equal(true);
    expect(() => mask.download()).to.throw(/empty/);
    await drag(stageOf(mask), [0.2, 0.5], [0.8, 0.5]);
    const area = painted(mask);
    const saved: string[] = [];
    const click = HTMLAnchorElement.prototype.click;
    HTMLAnchorElement.prototype.click = function () {
      saved.push(this.download);
    };
    try {
      button('Save mask').click();
    } finally {
      HTMLAnchorElement.prototype.click = click;
    }
    expect(saved).to.deep.equal(['mask.png']);
    const files = new DataTransfer();
    files.items.add(new File([mask.value!], 'mask.png', { type: 'image/png' }));
    mask.clear();
    const input = mask.shadowRoot!.querySelector<HTMLInputElement>('input[type=file]')!;
    const changed = nextEvent(mask, 'change');
    input.files = files.files;
    input.dispatchEvent(new Event('change'));
    await changed;
    expect(painted(mask)).to.be.closeTo(area, 100);
    files.items.clear();
    files.items.add(new File(['no picture'], 'mask.png', { type: 'image/png' }));
    const failed = nextEvent<Event & { error: { code: string } }>(mask, 'error');
    input.files = files.files;
    input.dispatchEvent(new Event('change'));
    expect((await failed).error.code).to.equal('image-invalid');
    expect(painted(mask)).to.be.closeTo(area, 100);
  });
});
