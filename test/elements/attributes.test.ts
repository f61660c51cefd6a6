import { expect, fixture, html } from '@open-wc/testing';
import fc from 'fast-check';
import 'diffusion-elements';
import type { DiffusionInpaint, DiffusionSampler } from 'diffusion-elements';

const awkward = fc.constantFrom(
  ...['__proto__', 'constructor', '', ' ', '0', '-1', '1e400', 'NaN', 'null', '../../x'],
  ...['javascript:alert(1)', 'data:text/html,x', '<img src=x onerror=alert(1)>', '999999999999'],
);
const text = fc.oneof(awkward, fc.string());
const shared = [
  ...['backend', 'dtype', 'scheduler', 'steps', 'eta', 'seed', 'label', 'guidance-scale', 'count'],
  ...['guidance-rescale', 'poster', 'preload', 'loading', 'alt', 'name', 'lang'],
];
const own = {
  'diffusion-sampler': ['strength', 'trajectory'],
  'diffusion-inpaint': [
    ...['mask-preset', 'expand', 'resamplings', 'jump-length', 'budget', 'fit', 'invert'],
    ...['brush-size', 'capture'],
  ],
};

describe('whatever its attributes are', () => {
  for (const [tag, names] of Object.entries(own)) {
    it(`<${tag}> refuses with a code and a sentence, and puts no markup on the page`, async () => {
      const box = await fixture<HTMLElement>(html`<div></div>`);
      const attributes = fc.dictionary(fc.constantFrom(...shared, ...names), text, { maxKeys: 6 });
      await fc.assert(
        fc.asyncProperty(attributes, async (given) => {
          const element = document.createElement(tag) as DiffusionSampler | DiffusionInpaint;
          for (const [name, value] of Object.entries(given)) element.setAttribute(name, value);
          // There is no such model, so that nothing is drawn when all is well.
          element.setAttribute('model', '/models/nowhere/');
          box.append(element);
          await element.updateComplete;
          const error = await element.generate().catch((reason) => reason);
          expect(error.code, JSON.stringify(given)).to.be.a('string');
          expect(error.message).to.match(/\S{3}/);
          expect(element.state).to.equal('failed');
          expect(element.shadowRoot!.querySelector('[onerror]')).to.equal(null);
          element.remove();
        }),
        { numRuns: 300, seed: 1 },
      );
    });
  }
});
