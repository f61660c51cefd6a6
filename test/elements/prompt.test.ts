import { expect, fixture } from '@open-wc/testing';
import { sendKeys, sendMouse } from '@web/test-runner-commands';
import 'diffusion-elements';
import type { DiffusionSampler, DiffusionStepEvent } from 'diffusion-elements';
import { DiffusionPipeline } from 'diffusion-elements/pipeline';
import { until } from '../helpers/painting.js';
import { nextEvent } from '../helpers/pictures.js';

const sampler = (attributes: string) => {
  const template = document.createElement('template');
  template.innerHTML = `<diffusion-sampler backend="wasm" steps="2" seed="1" ${attributes}></diffusion-sampler>`;
  return fixture<DiffusionSampler>(template.content.firstElementChild as DiffusionSampler);
};

const all = <T extends Element>(element: DiffusionSampler, selector: string) => [
  ...element.shadowRoot!.querySelectorAll<T & HTMLElement>(selector),
];
const one = <T extends Element>(element: DiffusionSampler, selector: string) =>
  all<T>(element, selector)[0]!;

const bytesOf = (element: DiffusionSampler) => [...element.images[0]!.data];

describe('a prompt', () => {
  it('is drawn with the bundled emoji models where no model is named, and a label with Fashion-MNIST', async () => {
    const words = await sampler('prompt="a red fox"');
    const named = await sampler('model="emoji-turbo" prompt="a red fox"');
    await words.generate();
    await named.generate();
    expect([words.images[0]!.width, words.images[0]!.height]).to.deep.equal([64, 64]);
    expect(bytesOf(words)).to.deep.equal(bytesOf(named));
    for (const more of ['negative-prompt="blue"', 'guidance-scale="3"', 'quality="best"']) {
      const asked = await sampler(`prompt="a red fox" ${more}`);
      await asked.generate();
      expect(asked.settings?.model, more).to.equal('emoji');
    }
    const label = await sampler('label="bag"');
    await label.generate();
    expect(label.images[0]!.width).to.equal(28);
    const shirt = await sampler('model="fashion-mnist" label="shirt"');
    await shirt.generate();
    expect(shirt.images[0]!.width).to.equal(28);
  });

  it('changes what is drawn, as its style does', async () => {
    const element = await sampler('prompt="a red fox"');
    await element.generate();
    const plain = bytesOf(element);
    element.setAttribute('prompt-style', 'flat');
    await element.generate();
    const flat = bytesOf(element);
    expect(flat).not.to.deep.equal(plain);
    element.promptStyle = '';
    element.prompt = 'a red fox, flat';
    await element.generate();
    expect(bytesOf(element)).to.deep.equal(flat);
  });

  it('may be empty, long, of any script, or hold markup', async () => {
    const element = await sampler('prompt=""');
    await element.generate();
    expect(element.images[0]!.width).to.equal(64);
    expect(element.notices.join()).to.match(/There is no prompt/);
    element.prompt = 'red fox '.repeat(1250);
    await element.generate();
    expect(element.notices.join()).to.match(
      /longer than 24 tokens: "\u2068.{1,120}\u2069" is not read/,
    );
    for (const prompt of [
      'ثعلب أحمر',
      'ein roter Fuchs',
      '赤い狐',
      '🦊🍄',
      '<img src=x onerror="alert(1)">',
    ]) {
      element.prompt = prompt;
      await element.generate();
      expect(element.state, prompt).to.equal('done');
    }
    await element.updateComplete;
    expect(all(element, 'img')).to.deep.equal([]);
    expect(one(element, 'canvas').getAttribute('aria-label')).to.contain('<img src=x');
  });

  it('is written, rolled and styled in the controls', async () => {
    const element = await sampler('model="emoji" controls');
    await until(() => one(element, 'textarea'));
    const changes: string[] = [];
    element.addEventListener('change', () => changes.push(element.prompt ?? ''));
    const field = one<HTMLTextAreaElement>(element, 'textarea');
    field.focus();
    await sendKeys({ type: 'an owl' });
    const drawn = nextEvent(element, 'load');
    await sendKeys({ press: 'Enter' });
    await drawn;
    expect(element.prompt).to.equal('an owl');
    const rolled = nextEvent(element, 'load');
    one(element, 'button[aria-label="A suggestion"]').click();
    await rolled;
    expect(element.prompt).not.to.equal('an owl');
    await element.updateComplete;
    expect(field.value).to.equal(element.prompt);
    const styles = one<HTMLSelectElement>(element, 'select');
    expect([...styles.options].map(({ value }) => value)).to.include.members(['', '3d', 'flat']);
    styles.value = 'flat';
    styles.dispatchEvent(new Event('change'));
    expect(element.promptStyle).to.equal('flat');
    expect(changes).to.have.length(3);
    await expect(element).to.be.accessible();
  });

  it('is drawn while it is typed, with live', async () => {
    const element = await sampler('prompt="an ow" controls live');
    await element.generate();
    const told: string[] = [];
    for (const type of ['input', 'change', 'error', 'abort']) {
      element.addEventListener(type, () => told.push(`${type}: ${element.prompt}`));
    }
    const field = one<HTMLTextAreaElement>(element, 'textarea');
    field.focus();
    field.setSelectionRange(5, 5);
    const drawn = nextEvent(element, 'load');
    await sendKeys({ type: 'l' });
    await drawn;
    const owl = bytesOf(element);
    expect(told).to.deep.equal(['input: an owl']);
    await sendKeys({ type: '  and' });
    await until(() => element.settings?.prompt === 'an owl  and');
    expect([field.value, field.selectionStart]).to.deep.equal(['an owl  and', 11]);
    const again = await sampler('prompt="an owl"');
    await again.generate({ seed: element.lastSeed! });
    expect(bytesOf(again)).to.deep.equal(owl);
    const same = nextEvent(element, 'load');
    await sendKeys({ press: 'Enter' });
    await same;
    field.blur();
    expect(told.at(-1)).to.equal('change: an owl  and');
    expect(told.filter((each) => !each.startsWith('input'))).to.have.length(1);
    const veiled = nextEvent(element, 'load');
    element.attention = true;
    await veiled;
    expect(element.attentionMaps[0]!.words).to.have.length(3);
  });

  it('has a field that stays where it is when something is said of it', async () => {
    const element = await sampler('prompt="an owl" controls live');
    await element.generate();
    const top = () => one(element, 'textarea').getBoundingClientRect().top;
    const before = top();
    element.prompt = 'an owl '.repeat(20);
    await until(() => one(element, '[part=notice]')?.textContent.includes('longer'));
    expect(top()).to.equal(before);
  });

  it('leaves a blend of labels out, where the model has none', async () => {
    const element = await sampler('prompt="an owl" live label-blend seed-pad');
    await element.generate();
    await until(() => !one(element, '.blend'));
    expect(one(element, '[part=pad]')).to.exist;
  });

  it('without live is drawn when it is finished', async () => {
    const element = await sampler('prompt="an ow" controls');
    await element.generate();
    const inputs: Event[] = [];
    element.addEventListener('input', (event) => inputs.push(event));
    const field = one<HTMLTextAreaElement>(element, 'textarea');
    field.focus();
    await sendKeys({ type: 'l' });
    expect([element.prompt, inputs.length]).to.deep.equal(['an ow', 0]);
  });

  it('that is emptied by hand still goes to the same model', async () => {
    const element = await sampler('prompt="an owl" controls');
    await until(() => one(element, 'textarea'));
    const field = one<HTMLTextAreaElement>(element, 'textarea');
    field.value = '';
    field.dispatchEvent(new Event('change'));
    expect(element.prompt).to.equal('');
    await element.generate();
    expect(element.images[0]!.width).to.equal(64);
  });
});

describe("a prompt's attention", () => {
  it('is there for each word, in each step and at the end', async () => {
    const element = await sampler('prompt="a red fox, beside 🍄" count="2" attention');
    const told: number[] = [];
    element.addEventListener('step', (event) => {
      const { attention } = event as DiffusionStepEvent;
      told.push(attention[1]!.words[2]!.map.length);
    });
    await element.generate();
    expect(told).to.deep.equal([64, 64]);
    expect(element.attentionMaps).to.have.length(2);
    const [{ words, width, height }] = element.attentionMaps as [(typeof element.attentionMaps)[0]];
    expect([width, height]).to.deep.equal([8, 8]);
    expect(words.map(({ word }) => word)).to.deep.equal(['a', 'red', 'fox', 'beside', '🍄']);
    for (const { map } of words) {
      expect(Math.min(...map)).to.be.above(0);
      expect(Math.max(...map)).to.be.below(1);
    }
  });

  it('is nothing that changes the picture', async () => {
    const element = await sampler('prompt="a red fox"');
    await element.generate();
    const plain = bytesOf(element);
    element.attention = true;
    await element.generate();
    expect(bytesOf(element)).to.deep.equal(plain);
  });

  it('lights up what a word drew while it is pointed at, focused or tapped', async () => {
    const element = await sampler('prompt="a red fox" attention');
    await element.generate();
    await element.updateComplete;
    const words = all<HTMLButtonElement>(element, '[part=word]');
    expect(words.map(({ textContent }) => textContent!.trim())).to.deep.equal(['a', 'red', 'fox']);
    const veil = () => one(element, '.veil');
    expect(veil()).to.equal(undefined);
    const { x, y, width, height } = words[2]!.getBoundingClientRect();
    await sendMouse({
      type: 'move',
      position: [x + width / 2, y + height / 2].map(Math.round) as [number, number],
    });
    await until(veil);
    expect([
      (veil() as HTMLCanvasElement).width,
      getComputedStyle(veil()).pointerEvents,
    ]).to.deep.equal([64, 'none']);
    await sendMouse({ type: 'move', position: [0, 0] });
    await until(() => !veil());
    words[1]!.focus();
    await until(veil);
    words[1]!.blur();
    await until(() => !veil());
    words[0]!.click();
    await element.updateComplete;
    expect([Boolean(veil()), words[0]!.getAttribute('aria-pressed')]).to.deep.equal([true, 'true']);
    await expect(element).to.be.accessible();
    words[0]!.click();
    await element.updateComplete;
    expect(veil()).to.equal(undefined);
  });

  it('is nothing that models without it can tell, which they say', async () => {
    const element = await sampler('label="bag" attention');
    await element.generate();
    expect(element.notices).to.deep.equal([
      'This model does not tell what the words of a prompt drew, so there is no attention.',
    ]);
    expect(element.attentionMaps).to.deep.equal([]);
  });

  it('of a word without end leaves the page as wide as it is', async () => {
    const element = await sampler(`prompt="${'a'.repeat(10_000)}" attention`);
    await element.generate();
    await element.updateComplete;
    expect(one(element, '[part=word]').offsetWidth).to.be.at.most(element.offsetWidth);
    expect(document.documentElement.scrollWidth).to.be.at.most(innerWidth);
  });
});

describe('the bundled emoji model', () => {
  it('when distilled draws the same as a folder by its address, in two steps', async () => {
    const load = (model: string) => DiffusionPipeline.fromPretrained(model, { backend: 'wasm' });
    const [bundled, folder] = [await load('emoji-turbo'), await load('/models/emoji-turbo')];
    const options = { prompt: ['a red apple', 'two cats'], seed: 2 };
    const { images, timings } = await bundled.generate(options);
    expect(timings.steps).to.equal(2);
    const others = (await folder.generate(options)).images;
    for (const [i, { data }] of images.entries()) expect(data).to.deep.equal(others[i]!.data);
    await Promise.all([bundled.dispose(), folder.dispose()]);
  });

  it('draws the same as a folder by its address, and beyond the frame of a picture', async () => {
    const load = (model: string) => DiffusionPipeline.fromPretrained(model, { backend: 'wasm' });
    const [bundled, folder] = [await load('emoji'), await load('/models/emoji')];
    const options = { prompt: 'a red apple', seed: 2, steps: 3 };
    const { images } = await bundled.generate(options);
    const [image] = (await folder.generate(options)).images;
    expect([...image!.data]).to.deep.equal([...images[0]!.data]);
    const expand = { side: 'right', amount: 32 } as const;
    const wide = await bundled.generate({ ...options, image: image!, expand, attention: true });
    expect([wide.images[0]!.width, wide.images[0]!.height, wide.attention]).to.deep.equal([
      96,
      64,
      undefined,
    ]);
    expect(wide.notices).to.deep.equal(['What is drawn beyond a frame has no attention.']);
    for (let y = 0; y < 64; y++) {
      const row = wide.images[0]!.data.slice(4 * 96 * y, 4 * (96 * y + 64));
      expect([...row]).to.deep.equal([...image!.data.slice(4 * 64 * y, 4 * 64 * (y + 1))]);
    }
    await Promise.all([bundled.dispose(), folder.dispose()]);
  });

  it('starts from a picture, and keeps what a mask leaves to the byte', async () => {
    const pipeline = await DiffusionPipeline.fromPretrained('emoji', { backend: 'wasm' });
    const { images } = await pipeline.generate({ prompt: 'a red apple', seed: 2, steps: 4 });
    const image = images[0]!;
    const changed = await pipeline.generate({
      prompt: 'a blue apple',
      image,
      strength: 0.5,
      steps: 4,
      seed: 1,
    });
    expect(changed.timings.steps).to.equal(2);
    const mask = { width: 64, height: 64, data: new Uint8ClampedArray(4 * 64 * 64).fill(255) };
    for (let i = 0; i < 64 * 32; i++) mask.data.fill(0, 4 * i, 4 * i + 3);
    const filled = await pipeline.generate({
      prompt: 'a blue apple',
      image,
      mask,
      steps: 4,
      seed: 1,
    });
    const half = 4 * 64 * 32;
    expect([...filled.images[0]!.data.slice(0, half)]).to.deep.equal([
      ...image.data.slice(0, half),
    ]);
    expect([...filled.images[0]!.data.slice(half)]).not.to.deep.equal([...image.data.slice(half)]);
    await pipeline.dispose();
  });
});
