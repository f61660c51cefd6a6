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

/** How often a file's bytes were asked for while the task ran. */
async function downloads(file: string, task: () => Promise<void>): Promise<number> {
  const { fetch: original } = globalThis;
  let count = 0;
  replace(globalThis, 'fetch', (input, init) => {
    if (String(input).includes(file) && init?.method !== 'HEAD') count++;
    return original(input, init);
  });
  await task();
  return count;
}

describe('a folder without a manifest', () => {
  const folder = '/bare/model/';
  const draws = async () => {
    const pipeline = await DiffusionPipeline.fromPretrained(folder, { backend: 'wasm' });
    expect((await pipeline.generate({ steps: 1 })).images).to.have.length(1);
    expect(pipeline.dtype).to.equal('fp32');
    await pipeline.dispose();
    await new Promise((resolve) => setTimeout(resolve, 300));
  };

  it('draws with the variant that it has, and is kept while its server names the same version', async () => {
    await caches.delete('diffusion-elements');
    await fetch('/bare/version?1');
    expect(await downloads('unet/model.onnx', draws)).to.equal(1);
    expect(await downloads('unet/model.onnx', draws)).to.equal(0);
    await fetch('/bare/version?2');
    expect(await downloads('unet/model.onnx', draws)).to.equal(1);
  });

  it('says which files were looked for where it has none that was asked for', async () => {
    const error = await DiffusionPipeline.fromPretrained(folder, { dtype: 'fp16' }).catch((e) => e);
    expect(error.code).to.equal('unsupported-model');
    expect(error.message).to.contain('unet/model_fp16.onnx');
  });
});

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
