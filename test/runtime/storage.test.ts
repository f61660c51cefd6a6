import { expect } from '@open-wc/testing';
import { DiffusionPipeline } from 'diffusion-elements/pipeline';
import { fashionMnist } from '../helpers/pictures.js';

/** Puts a function in place of the platform's until the test ends. */
const undo: (() => void)[] = [];
function replace<T extends object, K extends keyof T>(target: T, name: K, value: T[K]): void {
  const original = target[name];
  target[name] = value;
  undo.push(() => (target[name] = original));
}

afterEach(() => undo.splice(0).forEach((restore) => restore()));

const refuse = (name: string) => async () => {
  throw new DOMException('Refused.', name);
};

async function draws(): Promise<void> {
  const pipeline = await DiffusionPipeline.fromPretrained(fashionMnist, { backend: 'wasm' });
  expect((await pipeline.generate({ steps: 1 })).images).to.have.length(1);
  await pipeline.dispose();
}

describe('storage', () => {
  it('that is full does not keep pictures from being drawn', async () => {
    replace(Cache.prototype, 'put', refuse('QuotaExceededError'));
    await caches.delete('diffusion-elements');
    await draws();
    const cache = await caches.open('diffusion-elements');
    expect(await cache.keys()).to.have.length(0);
  });

  it('that is switched off does not keep pictures from being drawn', async () => {
    replace(CacheStorage.prototype, 'open', refuse('SecurityError'));
    await draws();
  });

  it('that never answers does not keep pictures from being drawn', async () => {
    replace(CacheStorage.prototype, 'open', () => new Promise<never>(() => undefined));
    await draws();
  });

  it('keeps what can be checked, and gives it back on the next visit', async () => {
    await caches.delete('diffusion-elements');
    await draws();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const keys = await (await caches.open('diffusion-elements')).keys();
    expect(keys.some(({ url }) => url.endsWith('unet/model_int8.onnx'))).to.equal(true);
  });
});
