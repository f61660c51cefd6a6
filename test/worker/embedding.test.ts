import { expect } from '@open-wc/testing';
import type { DiffusionSampler } from 'diffusion-elements';
import { expectDrawn } from '../helpers/pictures.js';

const bundle = '/dist/diffusion-elements.js';

/** A page of its own with one tag and nothing else; resolves to the tag. */
async function embed(script: string, policy?: string): Promise<DiffusionSampler> {
  const frame = document.createElement('iframe');
  const rule = policy ? `<meta http-equiv="Content-Security-Policy" content="${policy}" />` : '';
  frame.srcdoc = `<!doctype html><base href="${location.origin}/">${rule}
    <script type="module" src="${script}"></script>
    <diffusion-sampler backend="wasm" preload="none"></diffusion-sampler>`;
  document.body.append(frame);
  await new Promise((resolve) => frame.addEventListener('load', resolve));
  await frame.contentWindow!.customElements.whenDefined('diffusion-sampler');
  return frame.contentDocument!.querySelector('diffusion-sampler')!;
}

afterEach(() => document.querySelectorAll('iframe').forEach((frame) => frame.remove()));

describe('the one file for a script tag', () => {
  it('draws where the content security policy forbids workers', async () => {
    const policy = "script-src 'self' 'wasm-unsafe-eval'; worker-src 'none'";
    const element = await embed(bundle, policy);
    const result = await element.generate({ steps: 2, seed: 1 });
    expect(result.backend).to.equal('wasm');
    expectDrawn(element, 1);
  });

  it('draws when it comes from another origin', async () => {
    const other = location.origin.replace('localhost', '127.0.0.1');
    expect(other).not.to.equal(location.origin);
    const element = await embed(`${other}${bundle}`);
    await element.generate({ steps: 2, seed: 1 });
    expectDrawn(element, 1);
  });

  it('leaves no global behind but the lists of versions that Lit keeps', async () => {
    const frame = document.createElement('iframe');
    document.body.append(frame);
    const before = Object.keys(frame.contentWindow!);
    frame.remove();
    const element = await embed(bundle);
    await element.generate({ steps: 1 });
    const after = Object.keys(element.ownerDocument.defaultView!);
    const known = /^(\d+|lit.*|reactiveElementVersions)$/;
    expect(after.filter((name) => !before.includes(name) && !known.test(name))).to.deep.equal([]);
  });
});

describe('a content security policy', () => {
  it('without wasm-unsafe-eval is named in a sentence', async () => {
    // A worker has the policy of its own script; here none starts.
    const element = await embed(bundle, "script-src 'self'; worker-src 'none'");
    const error = await element.generate({ steps: 1 }).catch((reason) => reason);
    expect(error.code).to.equal('backend-unavailable');
    expect(error.message).to.match(/policy must have 'wasm-unsafe-eval'/);
  });
});

describe('a policy for styles', () => {
  it('that allows no style attributes leaves everything in its place', async () => {
    const frame = document.createElement('iframe');
    frame.srcdoc = `<!doctype html><base href="${location.origin}/">
      <meta http-equiv="Content-Security-Policy"
        content="script-src 'self' 'wasm-unsafe-eval'; style-src 'self'" />
      <script type="module" src="${bundle}"></script>
      <diffusion-inpaint controls backend="wasm" steps="1" mask-preset="half" src="/demo/pictures/bag.png"></diffusion-inpaint>
      <diffusion-sampler backend="wasm" steps="2" trajectory></diffusion-sampler>`;
    document.body.append(frame);
    await new Promise((resolve) => frame.addEventListener('load', resolve));
    const page = frame.contentWindow! as Window & typeof globalThis;
    const violations: string[] = [];
    page.document.addEventListener('securitypolicyviolation', ({ violatedDirective }) =>
      violations.push(violatedDirective),
    );
    await page.customElements.whenDefined('diffusion-inpaint');
    const inpaint = page.document.querySelector('diffusion-inpaint')!;
    await inpaint.generate();
    await inpaint.updateComplete;
    const sampler = page.document.querySelector('diffusion-sampler')!;
    await sampler.generate();
    await sampler.updateComplete;
    const valueOf = (element: Element, selector: string, name: string) =>
      page.getComputedStyle(element.shadowRoot!.querySelector(selector)!).getPropertyValue(name);
    expect(valueOf(inpaint, '.comparison', '--split')).to.equal('50%');
    expect(valueOf(sampler, '.filmstrip', '--frames')).to.equal('2');
    expect(violations).to.deep.equal([]);
    frame.remove();
  });
});
