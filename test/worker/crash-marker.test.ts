import { expect } from '@open-wc/testing';
import type { DiffusionSampler } from 'diffusion-elements';

const KEY = 'diffusion-elements device';

/** A page of its own with one tag. Its session storage is this page's. */
async function open(): Promise<{ element: DiffusionSampler; close(): void }> {
  const frame = document.createElement('iframe');
  frame.srcdoc = `<!doctype html><base href="${location.origin}/">
    <script type="module" src="/dist/diffusion-elements.js"></script>
    <diffusion-sampler preload="none" backend="webgpu" steps="1"></diffusion-sampler>`;
  document.body.append(frame);
  await new Promise((resolve) => frame.addEventListener('load', resolve));
  await frame.contentWindow!.customElements.whenDefined('diffusion-sampler');
  const element = frame.contentDocument!.querySelector('diffusion-sampler')!;
  return { element, close: () => frame.remove() };
}

describe('a page that ended while WebGPU was at work', () => {
  beforeEach(() => sessionStorage.removeItem(KEY));
  after(() => sessionStorage.removeItem(KEY));

  it('is known by a mark in the tab, which is there just as long as the device works', async () => {
    const { element, close } = await open();
    const marks = new Set<string | null>();
    const timer = setInterval(() => marks.add(sessionStorage.getItem(KEY)), 20);
    const { backend } = await element.generate();
    clearInterval(timer);
    expect(backend).to.equal('webgpu');
    expect([...marks]).to.include('busy');
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(sessionStorage.getItem(KEY)).to.equal(null);
    close();
  });

  it('is followed by one that draws on WASM and says why', async () => {
    sessionStorage.setItem(KEY, 'busy');
    for (let visit = 0; visit < 2; visit++) {
      const { element, close } = await open();
      const { backend, backendReason } = await element.generate();
      expect(backend).to.equal('wasm');
      expect(backendReason).to.contain('ended while WebGPU was at work');
      close();
    }
  });
});
