import { expect } from '@open-wc/testing';
import 'diffusion-elements';
import type { DiffusionSampler } from 'diffusion-elements';
import { decode } from 'fast-png';
import { mount, until } from '../helpers/painting.js';
import { nextEvent } from '../helpers/pictures.js';
import { readPngTexts, withPngTexts } from '../../components/pictures/png-texts.js';

const sampler = (attributes: string) =>
  mount<DiffusionSampler>(`<diffusion-sampler backend="wasm" ${attributes}></diffusion-sampler>`);

const bytesOf = ({ images }: DiffusionSampler) => [...images[0]!.data];

const drop = (element: Element, file: File) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(file);
  return element.dispatchEvent(new DragEvent('drop', { dataTransfer, cancelable: true }));
};

describe('the settings in a PNG', () => {
  it('are read by other programs, and say that a model made it', async () => {
    const element = await sampler(
      'prompt="a red fox — 🦊" prompt-style="flat" negative-prompt="blue" seed="7" steps="2" guidance-scale="3"',
    );
    await element.generate();
    expect(element.settings).to.deep.equal({
      model: 'emoji',
      prompt: 'a red fox — 🦊, flat',
      negativePrompt: 'blue',
      scheduler: element.settings!.scheduler,
      steps: 2,
      guidanceScale: 3,
      seed: 7,
    });
    const file = new Uint8Array(await (await element.toBlob({ scale: 4 })).arrayBuffer());
    const { width, height } = decode(file, { checkCrc: true });
    expect([width, height]).to.deep.equal([256, 256]);
    const { parameters, 'XML:com.adobe.xmp': xmp } = readPngTexts(file);
    expect(parameters).to.match(
      /^a red fox — 🦊, flat\nNegative prompt: blue\nSteps: 2, Sampler: \S+, CFG scale: 3, Seed: 7, Model: emoji$/,
    );
    expect(new DOMParser().parseFromString(xmp!, 'text/xml').querySelector('parsererror')).to.equal(
      null,
    );
    expect(xmp).to.contain('digitalsourcetype/trainedAlgorithmicMedia"');
    const bare = await element.toBlob({ metadata: false });
    expect(readPngTexts(new Uint8Array(await bare.arrayBuffer()))).to.deep.equal({});
    const jpeg = await element.toBlob({ type: 'image/jpeg' });
    expect(jpeg.type).to.equal('image/jpeg');
  });

  it('draw the same picture when the file is dropped on another element', async () => {
    const first = await sampler(
      'prompt="two cats" seed="18446744073709551615" steps="3" scheduler="euler" guidance-scale="2"',
    );
    await first.generate();
    const file = new File([await first.toBlob()], 'cats.png', { type: 'image/png' });
    const other = await sampler('controls label="bag" steps="9"');
    const changed = nextEvent(other, 'change');
    const drawn = nextEvent(other, 'load');
    expect(drop(other, file)).to.equal(false);
    await changed;
    await drawn;
    expect(bytesOf(other)).to.deep.equal(bytesOf(first));
    expect([other.model, other.prompt, other.label, other.steps]).to.deep.equal([
      'emoji',
      'two cats',
      undefined,
      3,
    ]);
    expect(other.settings).to.deep.equal(first.settings);
  });

  it('of Fashion-MNIST bring a label back', async () => {
    const first = await sampler('label="sneaker" seed="4" steps="2" count="2"');
    await first.generate();
    const other = await sampler('');
    expect(await other.loadSettings(await first.toBlob())).to.equal(true);
    expect([other.label, other.count, Number(other.seed)]).to.deep.equal(['sneaker', 2, 4]);
    await other.generate();
    expect(bytesOf(other)).to.deep.equal(bytesOf(first));
  });

  it('never make a page fetch from an address that a file names, and nothing else of a wrong kind', async () => {
    const element = await sampler('prompt="an owl" seed="1" steps="2"');
    await element.generate();
    const plain = new Uint8Array(await (await element.toBlob({ metadata: false })).arrayBuffer());
    const evil = {
      model: 'https://elsewhere.example/',
      steps: '<b>',
      prompt: 5,
      seed: -1,
      onload: 'x',
      label: 'bag',
    };
    const file = new Blob([
      withPngTexts(plain, { 'diffusion-elements': JSON.stringify(evil) }) as BlobPart,
    ]);
    expect(await element.loadSettings(file)).to.equal(true);
    expect([element.model, element.label, element.prompt, element.steps]).to.deep.equal([
      '',
      'bag',
      undefined,
      undefined,
    ]);
    element.label = 'coat';
    for (const json of ['[1, 2]', 'null', '5', '{']) {
      const odd = withPngTexts(plain, { 'diffusion-elements': json });
      expect(await element.loadSettings(new Blob([odd as BlobPart])), json).to.equal(false);
    }
    expect(element.label).to.equal('coat');
    for (const content of ['', 'no picture', plain.slice(0, 40)]) {
      expect(await element.loadSettings(new Blob([content as BlobPart]))).to.equal(false);
    }
  });

  it('say what they do not hold: a picture that it began from', async () => {
    const first = await sampler('prompt="an owl" seed="1" steps="2"');
    await first.generate();
    first.image = first.images[0]!;
    await first.generate();
    expect(first.settings!.fromImage).to.equal(true);
    const file = new File([await first.toBlob()], 'owl.png', { type: 'image/png' });
    const other = await sampler('controls');
    const drawn = nextEvent(other, 'load');
    drop(other, file);
    await drawn;
    await other.updateComplete;
    expect(other.shadowRoot!.querySelector('.notice')!.textContent).to.contain(
      'began from another one',
    );
    await other.generate();
    await other.updateComplete;
    expect(other.shadowRoot!.querySelector('.notice')).to.equal(null);
  });

  it('that can not be drawn leave a dropped file without effect', async () => {
    const element = await sampler('prompt="an owl" seed="1" steps="2" controls');
    await element.generate();
    const plain = new Uint8Array(await (await element.toBlob({ metadata: false })).arrayBuffer());
    const evil = JSON.stringify({ model: 'emoji', prompt: 'x', steps: -1, count: 1e9, seed: 2 });
    const odd = withPngTexts(plain, { 'diffusion-elements': evil });
    const failed = nextEvent(element, 'error');
    drop(element, new File([odd as BlobPart], 'evil.png', { type: 'image/png' }));
    await failed;
    await until(() => element.steps === 2);
    expect([element.prompt, element.count]).to.deep.equal(['an owl', undefined]);
    await element.generate();
    expect(element.state).to.equal('done');
  });

  it('that are not there are told to those who drop a picture, which changes nothing', async () => {
    const element = await sampler('controls prompt="an owl"');
    await until(() => element.shadowRoot!.querySelector('textarea'));
    drop(element, new File(['x'], 'x.png', { type: 'image/png' }));
    await until(() =>
      element.shadowRoot!.querySelector('.announcer')!.textContent!.includes('no settings'),
    );
    expect(element.prompt).to.equal('an owl');
    expect(element.state).to.equal('idle');
  });
});
