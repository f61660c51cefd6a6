import { expect, fixture, html } from '@open-wc/testing';
import { addStrings, type DiffusionMask, type DiffusionSampler } from 'diffusion-elements';

const textOf = (element: Element) => element.shadowRoot!.textContent!.replace(/\s+/g, ' ');

describe('the language of an element', () => {
  const inLanguage = (lang: string) =>
    fixture<HTMLElement>(html`
      <div lang=${lang}><diffusion-sampler controls preload="none"></diffusion-sampler></div>
    `).then((box) => box.querySelector<DiffusionSampler>('diffusion-sampler')!);

  for (const [lang, word] of [
    ['en', 'Generate'],
    ['de-AT', 'Zeichnen'],
    ['es', 'Generar'],
    ['zh-Hans', '生成'],
    ['fr', 'Generate'],
  ] as const) {
    it(`is that of the page around it: ${lang}`, async () => {
      expect(textOf(await inLanguage(lang))).to.contain(word);
    });
  }

  it('changes with its lang attribute', async () => {
    const element = await inLanguage('en');
    element.lang = 'de';
    await new Promise((resolve) => setTimeout(resolve));
    await element.updateComplete;
    expect(textOf(element)).to.contain('Zeichnen');
  });

  it('can be added, and single texts replaced', async () => {
    addStrings('eo', { generate: 'Desegni' });
    const element = await inLanguage('eo');
    expect(textOf(element)).to.contain('Desegni').and.to.contain('Steps');
    element.strings = { generate: 'Surprise me' };
    await element.updateComplete;
    expect(textOf(element)).to.contain('Surprise me');
  });
});

describe('<diffusion-mask> and its toolbar', () => {
  it('fits in two rows at 320 pixels, in every language, also from right to left', async () => {
    for (const lang of ['en', 'de', 'es', 'zh']) {
      for (const dir of ['ltr', 'rtl']) {
        const box = await fixture<HTMLElement>(html`
          <div lang=${lang} dir=${dir} style="width: 320px">
            <diffusion-mask controls></diffusion-mask>
          </div>
        `);
        const mask = box.querySelector<DiffusionMask>('diffusion-mask')!;
        await mask.updateComplete;
        const tools = mask.shadowRoot!.querySelector('.tools')!.getBoundingClientRect();
        const controls = mask.shadowRoot!.querySelector('[part=controls]')!.getBoundingClientRect();
        expect(tools.height).to.be.below(50);
        expect(controls.height).to.be.below(110);
        expect(box.scrollWidth).to.equal(320);
      }
    }
  });

  it('says what was undone and cleared', async () => {
    const mask = await fixture<DiffusionMask>(html`<diffusion-mask controls></diffusion-mask>`);
    mask.resize(28, 28);
    mask.invert();
    await mask.updateComplete;
    mask.shadowRoot!.querySelector<HTMLButtonElement>('button[aria-label="Clear"]')!.click();
    const said = () => mask.shadowRoot!.querySelector('[role=status]')!.textContent;
    for (let i = 0; i < 20 && said() !== 'Cleared.'; i++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(said()).to.equal('Cleared.');
  });
});

describe('properties', () => {
  it('take text as their attributes do', async () => {
    const element = await fixture<DiffusionSampler>(
      html`<diffusion-sampler preload="none"></diffusion-sampler>`,
    );
    Object.assign(element, { seed: '3', steps: '2', guidanceScale: '1.5', count: '2' });
    expect([element.seed, element.steps, element.guidanceScale, element.count]).to.deep.equal([
      3, 2, 1.5, 2,
    ]);
    Object.assign(element, { seed: '18446744073709551615', steps: '' });
    expect(element.seed).to.equal(18446744073709551615n);
    expect(element.steps).to.equal(undefined);
  });

  it('write no attribute that nobody set', async () => {
    const element = await fixture(html`<diffusion-sampler preload="none"></diffusion-sampler>`);
    expect(element.getAttributeNames()).to.deep.equal(['preload']);
  });
});
