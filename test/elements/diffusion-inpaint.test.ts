import { expect, fixture } from '@open-wc/testing';
import { sendMouse } from '@web/test-runner-commands';
import 'diffusion-elements';
import type { DiffusionInpaint, DiffusionStepEvent } from 'diffusion-elements';
import { drag, frame, mount, stageOf, until } from '../helpers/painting.js';
import { greys, nextEvent } from '../helpers/pictures.js';

const SIZE = 28;

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

  it('leaves nothing behind when it is removed while one paints', async () => {
    const element = await inpaint();
    const stage = stageOf(element.maskElement!);
    const box = stage.getBoundingClientRect();
    await sendMouse({ type: 'move', position: [box.left + 40, box.top + 40] });
    await sendMouse({ type: 'down' });
    await sendMouse({ type: 'move', position: [box.left + 80, box.top + 80] });
    const mask = element.maskElement!;
    element.remove();
    await sendMouse({ type: 'up' });
    expect(mask.isEmpty).to.equal(true);
    expect(mask.canUndo).to.equal(false);
  });

  it('draws beyond the frame, and says what that costs', async () => {
    const element = await inpaint('expand="right 20" resamplings="1"');
    expect(element.cost.runs).to.equal(6);
    await element.generate();
    const [wide] = element.images;
    expect([wide!.width, wide!.height]).to.deep.equal([48, 28]);
    const kept = greys([wide!]).filter((_, i) => i % 48 < SIZE);
    expect(kept).to.deep.equal(greys([element.picture!]));
    await element.updateComplete;
    const before = element.shadowRoot!.querySelector<HTMLCanvasElement>('.before canvas')!;
    expect(before.width).to.equal(48);
    const wrong = await ((element.expand = 'up 3'), element.generate().catch((error) => error));
    expect(wrong.message).to.contain('expand\'s side is "up"');
    element.expand = 'top';
    const short = await element.generate().catch((error) => error);
    expect(short.message).to.contain('expand is "top"');
    element.expand = '';
    await element.generate();
    expect(element.images[0]!.width).to.equal(SIZE);
  });

  it('takes a picture that is dropped on it', async () => {
    const element = await mount<DiffusionInpaint>('<diffusion-inpaint></diffusion-inpaint>');
    const files = new DataTransfer();
    files.items.add(
      new File([await (await fetch(frame(60))).blob()], 'a.png', { type: 'image/png' }),
    );
    const changed = nextEvent(element, 'change');
    const drop = { dataTransfer: files, bubbles: true, composed: true, cancelable: true };
    const board = element.shadowRoot!.querySelector('.board')!;
    board.dispatchEvent(new DragEvent('dragover', drop));
    await element.updateComplete;
    expect(board.classList.contains('dropping')).to.equal(true);
    expect(board.dispatchEvent(new DragEvent('drop', drop))).to.equal(false);
    await changed;
    expect(element.picture!.width).to.equal(SIZE);
    element.readonly = true;
    expect(board.dispatchEvent(new DragEvent('drop', drop))).to.equal(true);
  });
});
