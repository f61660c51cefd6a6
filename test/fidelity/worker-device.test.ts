import { expect, fixture, html } from '@open-wc/testing';
import 'diffusion-elements';
import type { DiffusionSampler } from 'diffusion-elements';
import { expectDrawn, nextEvent } from '../helpers/pictures.js';

const channel = new BroadcastChannel('lose the device');
const { Worker: Original } = globalThis;

/** What a worker runs before its script: it keeps the devices that are asked for, and loses them when told to. */
const prelude = `
  const devices = [];
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (...options) {
    const device = await requestDevice.apply(this, options);
    devices.push(device);
    return device;
  };
  new BroadcastChannel('lose the device').onmessage = () => devices.forEach((device) => device.destroy());
`;

before(() => {
  globalThis.Worker = class extends Original {
    constructor(url: string | URL, options?: WorkerOptions) {
      const source = `${prelude} await import(${JSON.stringify(String(url))});`;
      super(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })), options);
    }
  };
});

after(() => {
  globalThis.Worker = Original;
  channel.close();
});

describe('a device that is lost in the worker, in mid-run', () => {
  it('leaves the picture to the next backend', async () => {
    const element = await fixture<DiffusionSampler>(html`
      <diffusion-sampler
        preload="none"
        backend="webgpu"
        label="bag"
        seed="11"
        steps="3"
      ></diffusion-sampler>
    `);
    const first = nextEvent(element, 'step', 100_000);
    const run = element.generate();
    await first;
    channel.postMessage('now');
    const { backend, thread } = await run;
    expect(thread).to.equal('worker');
    expect(backend).to.equal('wasm');
    expect(element.backendReason).to.match(/WebGPU failed: .*lost/);
    expectDrawn(element, 1);
  });
});
