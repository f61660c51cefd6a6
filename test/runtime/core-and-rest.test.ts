import { expect } from '@open-wc/testing';
import { bundledModels } from '../../components/runtime/bundled-models.js';
import type { Answer, Question } from './core-only-worker.js';

const runtimeUrl = new URL('/dist/runtime/', location.href).href;
const read = async (path: string) => new Uint8Array(await (await fetch(path)).arrayBuffer());

async function ask(model: string, more: Partial<Question> = {}): Promise<Answer> {
  const worker = new Worker('/test/runtime/core-only-worker.ts', { type: 'module' });
  const question: Question = {
    runtimeUrl,
    stallTimeout: 20_000,
    model: await read(model),
    isBundled: true,
    optimized: false,
    ...more,
  };
  const answer = new Promise<Answer>((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data as Answer);
    worker.onerror = reject;
  });
  worker.postMessage(question);
  try {
    return await answer;
  } finally {
    worker.terminate();
  }
}

describe('the core of the runtime, in a worker', () => {
  // Nothing of the package's own is in float32, or left to the runtime to optimize.
  const foreign = '/models/fashion-mnist/unet/model.onnx';

  for (const [model, { files }] of Object.entries(bundledModels)) {
    for (const file of Object.keys(files).filter((name) => name.endsWith('.onnx'))) {
      it(`runs ${model}'s ${file} without the rest`, async () => {
        const { optimized = false } = files[file]!;
        const { values, error, rests } = await ask(`/models/${model}/${file}`, { optimized });
        expect(error).to.equal(undefined);
        expect(values!.every(Number.isFinite)).to.equal(true);
        expect(rests).to.equal(0);
      });
    }
  }

  it('fetches the rest in mid-run where a network needs it after all, and draws the same', async () => {
    const whole = await ask(foreign, { isBundled: false });
    const joined = await ask(foreign);
    expect(joined.error).to.equal(undefined);
    expect(joined.values).to.deep.equal(whole.values);
    expect([whole.rests, joined.rests]).to.deep.equal([1, 1]);
  });

  for (const kind of ['404', 'hanging']) {
    it(`says what is missing where the rest does not come (${kind})`, async () => {
      const session = crypto.randomUUID();
      const fault = new URLSearchParams({ session, file: 'dist/runtime/wasm-rest.bin', kind });
      await fetch(`/fault?${fault.toString()}`);
      const { error } = await ask(foreign, {
        runtimeUrl: new URL(`/faulty/${session}/dist/runtime/`, location.href).href,
        stallTimeout: 1000,
      });
      expect(error).to.match(/wasm-rest\.bin, a part of the runtime, could not be loaded/);
    });
  }
});
