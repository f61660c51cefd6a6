import { expect, fixture, html } from '@open-wc/testing';
import 'diffusion-elements';
import type { DiffusionInpaint, DiffusionSampler } from 'diffusion-elements';
import { nextEvent } from '../helpers/pictures.js';

async function pixels(blob: Blob): Promise<number[]> {
  const bitmap = await createImageBitmap(blob);
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext('2d')!;
  context.drawImage(bitmap, 0, 0);
  return [...context.getImageData(0, 0, bitmap.width, bitmap.height).data];
}

const form = () =>
  fixture<HTMLFormElement>(html`
    <form>
      <fieldset>
        <diffusion-sampler
          name="art"
          controls
          preload="none"
          backend="wasm"
          steps="1"
        ></diffusion-sampler>
      </fieldset>
    </form>
  `);

const samplerIn = (element: Element) =>
  element.querySelector<DiffusionSampler>('diffusion-sampler')!;

describe('what is shown, saved and submitted', () => {
  it('is the last finished picture, also after a run that was stopped', async () => {
    const sampler = samplerIn(await form());
    await sampler.generate({ seed: 1 });
    const before = await pixels(await sampler.toBlob());
    const run = sampler.generate({ seed: 2, steps: 900 }).catch((error) => error);
    await nextEvent(sampler, 'step');
    sampler.abort();
    await run;
    expect(sampler.lastSeed).to.equal(1);
    expect(await pixels(await sampler.toBlob())).to.deep.equal(before);
  });

  it('is nothing after a first run that was stopped', async () => {
    const sampler = samplerIn(await form());
    const run = sampler.generate({ steps: 900 }).catch((error) => error);
    await nextEvent(sampler, 'step');
    sampler.abort();
    await run;
    const error = await sampler.toBlob().catch((reason) => reason);
    expect(error.code).to.equal('invalid-option');
  });

  it('is in the form as soon as generate() resolves, and load is dispatched', async () => {
    const element = await form();
    const sampler = samplerIn(element);
    const sizes: number[] = [];
    const sizeNow = () => (new FormData(element).get('art') as File | null)?.size ?? 0;
    sampler.addEventListener('load', () => sizes.push(sizeNow()));
    await sampler.generate({ seed: 1 });
    expect(sizes[0]).to.be.above(0);
    expect(sizeNow()).to.equal(sizes[0]);
    const next = sampler.generate({ seed: 2 });
    expect(sizeNow()).to.equal(0);
    await next;
    expect(sizeNow()).to.be.above(0);
    element.reset();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(sizeNow()).to.equal(0);
  });

  it('can’t be changed by hand in a disabled fieldset', async () => {
    const element = await form();
    const sampler = samplerIn(element);
    element.querySelector('fieldset')!.disabled = true;
    await sampler.updateComplete;
    const buttons = [...sampler.shadowRoot!.querySelectorAll('button')];
    expect(buttons.every((button) => button.matches(':disabled'))).to.equal(true);
    element.querySelector('fieldset')!.disabled = false;
    await sampler.updateComplete;
    expect(buttons[0]!.matches(':disabled')).to.equal(false);
  });
});

describe('a picture that a person brought', () => {
  it('stays when a setting changes that it is fitted by', async () => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [200, 300];
    canvas.getContext('2d')!.fillRect(0, 0, 200, 300);
    const element = await fixture<DiffusionInpaint>(html`
      <diffusion-inpaint
        backend="wasm"
        steps="1"
        resamplings="1"
        src="/demo/pictures/bag.png"
      ></diffusion-inpaint>
    `);
    await element.load(canvas);
    element.fit = 'contain';
    await element.updateComplete;
    element.maskElement!.invert();
    await element.generate();
    const { width, height } = await element.toImageData();
    expect([width, height]).to.deep.equal([200, 300]);
  });

  it('is read on white paper where it is transparent', async () => {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 28;
    const element = await fixture<DiffusionInpaint>(html`
      <diffusion-inpaint backend="wasm" invert="false"></diffusion-inpaint>
    `);
    await element.load(canvas);
    expect(Math.min(...element.picture!.data)).to.equal(255);
  });

  it('is not filled by a mask that could not be read, nor fitted in a way that there is not', async () => {
    const element = await fixture<DiffusionInpaint>(html`
      <diffusion-inpaint backend="wasm" steps="1" src="/demo/pictures/bag.png"></diffusion-inpaint>
    `);
    await nextEvent(element.maskElement!, 'none', 300).catch(() => undefined);
    element.maskPreset = 'halv';
    const wrong = await element.generate().catch((error) => error);
    expect(wrong.message).to.match(/mask-preset is "halv"/);
    element.maskPreset = 'half';
    await element.generate();
    element.fit = 'fill' as 'cover';
    const fit = await element.generate().catch((error) => error);
    expect(fit.message).to.match(/fit is "fill"/);
  });
});
