import { expect, fixture, html } from '@open-wc/testing';
import 'diffusion-elements';
import type { DiffusionSampler } from 'diffusion-elements';
import { DiffusionPipeline } from 'diffusion-elements/pipeline';
import { expectDrawn, fashionMnist, greys } from '../helpers/pictures.js';

const options = { label: 'bag', seed: 11, steps: 3, guidanceScale: 1 };
const load = (backend: string) =>
  DiffusionPipeline.fromPretrained(fashionMnist, { backend, dtype: 'q8' });

/** Puts functions in place of the platform's until the test ends. */
const undo: (() => void)[] = [];
function replace<T extends object, K extends keyof T>(target: T, name: K, value: T[K]): void {
  const original = target[name];
  target[name] = value;
  undo.push(() => (target[name] = original));
}

let warnings: string[] = [];
beforeEach(() => {
  warnings = [];
  replace(console, 'warn', (...words) => warnings.push(words.join(' ')));
});
afterEach(() => undo.splice(0).forEach((restore) => restore()));

async function onWasm(): Promise<number[]> {
  const pipeline = await load('wasm');
  const { images } = await pipeline.generate(options);
  await pipeline.dispose();
  return greys(images);
}

describe('a worker that dies', () => {
  it('ends its runs with an error, and the next run starts another', async () => {
    const workers: Worker[] = [];
    const { Worker: Original } = globalThis;
    replace(
      globalThis,
      'Worker',
      class extends Original {
        constructor(url: string | URL, workerOptions?: WorkerOptions) {
          super(url, workerOptions);
          workers.push(this);
        }
      },
    );
    const element = await fixture<DiffusionSampler>(
      html`<diffusion-sampler preload="none" backend="wasm" steps="3"></diffusion-sampler>`,
    );
    element.addEventListener('step', () => {
      if (workers.length > 1) return;
      workers[0]!.terminate();
      workers[0]!.dispatchEvent(new ErrorEvent('error', { message: 'out of memory' }));
    });
    const error = await element.generate(options).catch((reason) => reason);
    expect(error.code).to.equal('backend-unavailable');
    expect(error.message).to.contain('out of memory');
    expect(element.state).to.equal('failed');
    await element.generate(options);
    expect(workers).to.have.length(2);
    expectDrawn(element, 1);
  });
});

/** A device whose answers can be held back. */
function stubbornDevice() {
  const held: (() => void)[] = [];
  const device = {
    hangs: false,
    held,
    answer: () => {
      device.hangs = false;
      held.forEach((resolve) => resolve());
    },
  };
  const { mapAsync } = GPUBuffer.prototype;
  replace(GPUBuffer.prototype, 'mapAsync', async function (this: GPUBuffer, ...range) {
    if (device.hangs) await new Promise<void>((resolve) => held.push(resolve));
    return mapAsync.apply(this, range);
  });
  return device;
}

describe('a graphics device', () => {
  it('that is lost in mid-run leaves the picture to WASM, with one warning', async () => {
    const devices: GPUDevice[] = [];
    const { requestDevice } = GPUAdapter.prototype;
    replace(GPUAdapter.prototype, 'requestDevice', async function (this: GPUAdapter, descriptor) {
      const device = await requestDevice.call(this, descriptor);
      devices.push(device);
      return device;
    });
    const pipeline = await load('webgpu');
    expect(pipeline.backend).to.equal('webgpu');
    let steps = 0;
    const { images, backend } = await pipeline.generate({
      ...options,
      onStep: () => {
        if (++steps === 1) devices.forEach((device) => device.destroy());
      },
    });
    expect(devices).to.have.length(1);
    expect(backend).to.equal('wasm');
    expect(pipeline.backendReason).to.match(/^WebGPU failed: .*lost/);
    expect(greys(images)).to.deep.equal(await onWasm());
    expect(warnings).to.have.length(1);
    await pipeline.dispose();
  });

  it('that hangs while it is measured leaves the next words to WASM, all parts of them', async () => {
    const device = stubbornDevice();
    const pipeline = await DiffusionPipeline.fromPretrained('emoji');
    expect(pipeline.backendReason).to.match(/still to be measured/);
    expect(new Set(pipeline.components.map(({ backend }) => backend))).to.deep.equal(
      new Set(['wasm']),
    );
    device.hangs = true;
    await pipeline.generate({ prompt: 'an owl', steps: 1 });
    while (device.held.length === 0) await new Promise((resolve) => setTimeout(resolve, 100));
    const { backend, images } = await pipeline.generate({ prompt: 'a cat', steps: 1, seed: 1 });
    expect([backend, images.length]).to.deep.equal(['wasm', 1]);
    // Another model, whose networks would be measured next.
    const other = await load('auto');
    await other.generate(options);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    device.answer();
    await pipeline.generate({ prompt: 'a dog', steps: 1 });
    await Promise.all([pipeline.dispose(), other.dispose()]);
    expect(warnings).to.deep.equal([]);
  });

  it('that hangs blocks nobody: WASM draws, until the device answers again', async () => {
    const device = stubbornDevice();
    const { setTimeout: original } = globalThis;
    // The minute after which a run counts as hung.
    const shortened = (handler: TimerHandler, ms = 0, ...rest: unknown[]) =>
      original(handler, device.hangs && ms === 60_000 ? 5000 : ms, ...rest);
    replace(globalThis, 'setTimeout', shortened as typeof setTimeout);

    const pipeline = await load('webgpu');
    const { images, backend } = await pipeline.generate({
      ...options,
      onStep: () => (device.hangs = true),
    });
    expect(device.held).to.have.length(1);
    expect(backend).to.equal('wasm');
    expect(pipeline.backendReason).to.match(/^WebGPU failed: .*stopped answering/);
    expect(warnings).to.have.length(1);
    expect(greys(images)).to.deep.equal(await onWasm());

    const other = await load('webgpu');
    expect(other.backend).to.equal('wasm');
    expect(other.backendReason).to.match(/^WebGPU did not start/);
    const auto = await load('auto');
    expect((await auto.generate(options)).backend).to.equal('wasm');

    device.answer();
    await new Promise((resolve) => setTimeout(resolve, 500));
    const again = await load('webgpu');
    expect(again.backend).to.equal('webgpu');
    await Promise.all([pipeline, other, auto, again].map((each) => each.dispose()));
  });
});
