import { expect } from '@open-wc/testing';
import 'diffusion-elements';
import type { DiffusionCompare } from 'diffusion-elements';
import { mount } from '../helpers/painting.js';
import { greys, nextEvent } from '../helpers/pictures.js';

const compare = (attributes = '') =>
  mount<DiffusionCompare>(
    `<diffusion-compare backend="wasm" steps="2" seed="1" label="bag" ${attributes}></diffusion-compare>`,
  );

const captions = (element: DiffusionCompare) =>
  [...element.shadowRoot!.querySelectorAll('figcaption')].map((caption) =>
    caption.textContent!.replace(/\s+/g, ' ').trim(),
  );

describe('<diffusion-compare>', () => {
  it('shows its cells before anything is drawn', async () => {
    const element = await compare('schedulers="ddpm:1000 ddim:50 dpm++"');
    expect(captions(element)).to.deep.equal(['ddpm 1000', 'ddim 50', 'dpm++']);
  });

  it('draws one seed by several samplers, and says what each cost', async () => {
    const element = await compare('schedulers="ddim:3 ddim:2 unipc" guidance-scale="1"');
    const loads: number[] = [];
    element.addEventListener('load', () => loads.push(element.images.length));
    await element.generate();
    await element.updateComplete;
    expect(loads).to.deep.equal([3]);
    expect(captions(element).map((text) => text.replace(/\d+ ms/, 'N ms'))).to.deep.equal([
      'ddim 3 3 runs, N ms',
      'ddim 2 2 runs, N ms',
      'unipc 2 runs, N ms',
    ]);
    expect(element.results.map((result) => result!.seed)).to.deep.equal([1, 1, 1]);
    const pictures = element.images.map((image) => greys([image]).join());
    expect(new Set(pictures).size).to.equal(3);
  });

  it('crosses its lists: guidance, classifier and eta', async () => {
    const element = await compare(
      'scheduler="ddim" guidance-scales="1 3" classifier-scales="0 4" etas="0 1"',
    );
    expect(captions(element)).to.have.length(8);
    expect(captions(element)[3]).to.equal('w = 1, s = 4, η = 1');
    await element.generate();
    expect(element.images).to.have.length(8);
  });

  it('fills a hole with more and fewer resamplings', async () => {
    const element = await compare(
      'src="/demo/pictures/bag.png" mask-preset="half" resamplings="1 2" schedulers="ddim:6"',
    );
    await element.generate();
    const [few, many] = element.results.map((result) => result!.timings.steps);
    expect(many!).to.be.above(few!);
  });

  it('ends at once when it is stopped, keeps what was finished, and draws again', async () => {
    const element = await compare('schedulers="ddim:2 ddpm:900"');
    const run = element.generate().catch((error) => error);
    while ((await nextEvent<Event & { steps: number }>(element, 'step')).steps !== 900);
    element.abort();
    expect((await run).name).to.equal('AbortError');
    expect(element.results.map(Boolean)).to.deep.equal([true]);
    element.schedulers = 'ddim:2';
    await element.updateComplete;
    await element.generate();
    expect(element.images).to.have.length(1);
  });

  it('draws into its cells also after a newer run ended an older one', async () => {
    const element = await compare('schedulers="ddim:300 ddim:2"');
    const older = element.generate().catch((error) => error);
    await nextEvent(element, 'step');
    const newer = element.generate().catch((error) => error);
    expect((await older).name).to.equal('AbortError');
    await nextEvent(element, 'step');
    await element.updateComplete;
    expect(element.shadowRoot!.querySelectorAll('.current')).to.have.length(1);
    element.abort();
    await newer;
  });

  for (const [attribute, value, word] of [
    ['schedulers', 'magic:3', 'ddim'],
    ['schedulers', 'ddim:many', 'ddim:20'],
    ['guidance-scales', '1 strong', 'numbers'],
    ['guidance-scales', '99', '0 to 30'],
    ['src', 'a.png', 'mask-preset'],
    ['etas', '2', '0 to 1'],
    ['schedulers', Array(40).fill('ddim').join(' '), 'at most 36'],
  ]) {
    it(`says what ${attribute}="${value!.slice(0, 20)}" should be, and works once it is mended`, async () => {
      const element = await compare();
      element.setAttribute(attribute!, value!);
      const error = await element.generate().catch((reason) => reason);
      expect(error.code).to.equal('invalid-option');
      expect(error.message).to.contain(word);
      element.removeAttribute(attribute!);
      await element.generate();
      expect(element.images).to.have.length(1);
    });
  }

  it('is accessible', async () => {
    const element = await compare('controls schedulers="ddim:2 ddim:1"');
    await expect(element).to.be.accessible();
    await element.generate();
    await expect(element).to.be.accessible();
  });
});
