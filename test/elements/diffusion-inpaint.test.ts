import { expect, fixture } from '@open-wc/testing';
import { sendKeys, sendMouse } from '@web/test-runner-commands';
import 'diffusion-elements';
import type { DiffusionInpaint, DiffusionMask, DiffusionStepEvent } from 'diffusion-elements';
import { greys, nextEvent } from '../helpers/pictures.js';

const SIZE = 28;

/** A bright frame on black, as the URL of a PNG of this size. */
function frame(size: number): string {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = size;
  const context = canvas.getContext('2d')!;
  context.fillRect(0, 0, size, size);
  context.fillStyle = '#c0c0c0';
  context.fillRect(size * 0.2, size * 0.2, size * 0.6, size * 0.6);
  return canvas.toDataURL();
}

async function mount<T extends HTMLElement>(markup: string): Promise<T> {
  const template = document.createElement('template');
  template.innerHTML = markup;
  return fixture<T>(template.content.firstElementChild as T);
}

async function until(condition: () => unknown): Promise<void> {
  for (let i = 0; i < 100 && !condition(); i++) await new Promise((done) => setTimeout(done, 50));
  expect(condition()).to.be.ok;
}

/** A real drag of the mouse between two points, in shares of the element's stage. */
async function drag(stage: Element, from: [number, number], to: [number, number]): Promise<void> {
  stage.scrollIntoView({ block: 'center' });
  const box = stage.getBoundingClientRect();
  const place = ([x, y]: [number, number]): [number, number] => [
    Math.round(box.left + x * box.width),
    Math.round(box.top + y * box.height),
  ];
  await sendMouse({ type: 'move', position: place(from) });
  await sendMouse({ type: 'down' });
  await sendMouse({ type: 'move', position: place(to) });
  await sendMouse({ type: 'up' });
}

const stageOf = (mask: DiffusionMask) => mask.shadowRoot!.querySelector('.stage') as HTMLElement;
const painted = (mask: DiffusionMask) => greys([mask.picture]).filter((grey) => grey > 0).length;

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
});

describe('<diffusion-inpaint>', () => {
  const inpaint = async (extra = '') => {
    const element = await mount<DiffusionInpaint>(
      `<diffusion-inpaint backend="wasm" steps="3" seed="1" src="${frame(280)}" ${extra}></diffusion-inpaint>`,
    );
    await until(() => element.picture && element.maskElement?.picture.width === SIZE);
    return element;
  };

  /** The greys where the mask is black, of both pictures. */
  const known = (element: DiffusionInpaint) => {
    const mask = greys([element.maskElement!.picture]);
    const keep = (pixels: number[]) => pixels.filter((_, i) => mask[i] === 0);
    return [keep(greys(element.images)), keep(greys([element.picture!]))] as const;
  };

  it('fills what was painted with the mouse, and keeps the rest to the byte', async () => {
    const element = await inpaint('resamplings="1"');
    const mask = element.maskElement!;
    await drag(stageOf(mask), [0.3, 0.5], [0.7, 0.5]);
    expect(mask.isEmpty).to.equal(false);
    const loaded = nextEvent(element, 'load');
    await element.generate();
    await loaded;
    const [after, before] = known(element);
    expect(after.length).to.be.within(300, 783);
    expect(after).to.deep.equal(before);
    expect(greys(element.images)).not.to.deep.equal(greys([element.picture!]));
  });

  for (const preset of [
    'thin',
    'wide',
    'half',
    'expand',
    'alternating-lines',
    'super-resolution',
  ]) {
    it(`has the preset ${preset}`, async () => {
      const element = await inpaint(`mask-preset="${preset}"`);
      await until(() => !element.maskElement!.isEmpty);
      await element.generate();
      const [after, before] = known(element);
      const share = after.length / (SIZE * SIZE);
      expect(share).to.be.within(preset === 'super-resolution' ? 0.24 : 0.2, 0.95);
      expect(after).to.deep.equal(before);
    });
  }

  it('enlarges a picture of half the size', async () => {
    const element = await inpaint('super-resolution');
    await until(() => !element.maskElement!.isEmpty);
    const pixels = greys([element.picture!]);
    expect(pixels[0]).to.equal(pixels[29]);
    await element.generate();
    const [after, before] = known(element);
    expect(after.length).to.equal((SIZE * SIZE) / 4);
    expect(after).to.deep.equal(before);
  });

  it('goes up and down again with resamplings, and says what that costs', async () => {
    const element = await inpaint('mask-preset="half" jump-length="2" resamplings="3"');
    element.steps = 20;
    await until(() => !element.maskElement!.isEmpty);
    expect(element.cost.runs).to.equal(56);
    element.budget = '30';
    expect(element.cost).to.deep.include({ runs: 20, resamplings: 1, steps: 20 });
    element.budget = '10';
    expect(element.cost).to.deep.include({ runs: 10, steps: 10 });
    element.budget = '';
    element.steps = 4;
    const timesteps: number[] = [];
    element.addEventListener('step', (event) =>
      timesteps.push((event as DiffusionStepEvent).timestep),
    );
    await element.generate();
    expect(timesteps.length).to.equal(8);
    expect(timesteps.some((t, i) => i > 0 && t > timesteps[i - 1]!)).to.equal(true);
  });

  it('gives several results to choose from', async () => {
    const element = await inpaint('mask-preset="half" count="3"');
    await until(() => !element.maskElement!.isEmpty);
    await element.generate();
    await element.updateComplete;
    expect(element.images).to.have.length(3);
    const choices = element.shadowRoot!.querySelectorAll<HTMLButtonElement>('.choices button');
    choices[2]!.click();
    await element.updateComplete;
    expect(choices[2]!.getAttribute('aria-pressed')).to.equal('true');
  });

  it('gives the picture back unchanged, with a notice, where nothing is painted', async () => {
    const element = await inpaint();
    const { timings } = await element.generate();
    expect(timings.steps).to.equal(0);
    expect(greys(element.images)).to.deep.equal(greys([element.picture!]));
    await element.updateComplete;
    expect(element.shadowRoot!.textContent).to.contain('Nothing is painted');
  });

  it('takes its picture from a slot, and turns one on white into a negative', async () => {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 100;
    const context = canvas.getContext('2d')!;
    context.fillStyle = 'white';
    context.fillRect(0, 0, 100, 100);
    const element = document.createElement('diffusion-inpaint');
    element.append(canvas);
    await fixture(element);
    await until(() => element.picture);
    expect(Math.max(...greys([element.picture!]))).to.equal(0);
    element.remove();
  });

  it('says what is wrong, and works again', async () => {
    const empty = await mount<DiffusionInpaint>('<diffusion-inpaint></diffusion-inpaint>');
    const early = await empty.generate().catch((error) => error);
    expect(early.code).to.equal('image-invalid');
    const element = await inpaint('mask-preset="moon"');
    await until(() => element.state === 'failed');
    expect(element.error!.message).to.contain('mask-preset is "moon"');
    element.maskPreset = 'half';
    await until(() => !element.maskElement!.isEmpty);
    await element.generate();
    expect(element.state).to.equal('done');
    const text = new Blob(['no picture'], { type: 'image/png' });
    await element.load(text);
    expect(element.error).to.have.property('code', 'image-invalid');
    await element.load(frame(100));
    await element.generate();
    expect(element.state).to.equal('done');
  });

  it('leaves nothing behind when it is removed while it draws', async () => {
    const element = await inpaint('mask-preset="half"');
    element.steps = 20;
    await until(() => !element.maskElement!.isEmpty);
    const run = element.generate().catch((error) => error.name);
    element.remove();
    expect(await run).to.equal('AbortError');
  });
});
