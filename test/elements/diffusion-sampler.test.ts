import { expect, fixture, html } from '@open-wc/testing';
import 'diffusion-elements';
import type { DiffusionErrorEvent, DiffusionSampler, DiffusionStepEvent } from 'diffusion-elements';
import { until } from '../helpers/painting.js';
import { expectDrawn, greys, nextEvent, pause } from '../helpers/pictures.js';

/** WASM, and few steps: what these tests are about is not the backend. */
const sampler = (extra = '') => {
  const template = document.createElement('template');
  template.innerHTML = `<diffusion-sampler backend="wasm" steps="2" ${extra}></diffusion-sampler>`;
  return fixture<DiffusionSampler>(template.content.firstElementChild as DiffusionSampler);
};

const shadow = (element: DiffusionSampler, selector: string) =>
  element.shadowRoot!.querySelector<HTMLElement>(selector);

const button = (element: DiffusionSampler, text: string) =>
  [...element.shadowRoot!.querySelectorAll('[part=controls] button')].find(
    (each) => (each.getAttribute('aria-label') ?? each.textContent!.trim()) === text,
  ) as HTMLButtonElement;

describe('<diffusion-sampler> drawing', () => {
  it('draws by itself with autoplay, and tells each step', async () => {
    const element = document.createElement('diffusion-sampler');
    element.setAttribute('backend', 'wasm');
    const steps: string[] = [];
    const states: string[] = [];
    element.addEventListener('step', (event) => {
      const { step, steps: all, timestep, preview } = event as DiffusionStepEvent;
      steps.push(`${step}/${all} at ${timestep}`);
      states.push(element.state);
      expect(preview).to.have.length(4);
      expect(preview[0]).to.be.instanceOf(ImageData);
    });
    Object.assign(element, {
      autoplay: true,
      scheduler: 'ddim',
      steps: 3,
      count: 4,
      label: 'dress',
    });
    const loaded = nextEvent(element, 'load');
    await fixture(element);
    await loaded;
    expect(steps).to.deep.equal(['1/3 at 999', '2/3 at 544', '3/3 at 192']);
    expect(new Set(states)).to.deep.equal(new Set(['generating']));
    expect(element.state).to.equal('done');
    expect(element.matches(':state(done)')).to.equal(true);
    expectDrawn(element, 4);
    expect(element.activeBackend).to.equal('wasm');
    expect(element.backendReason).to.equal('WASM was asked for');
    expect(element.lastSeed).to.be.a('number');
    const canvas = shadow(element, 'canvas') as HTMLCanvasElement;
    expect([canvas.width, canvas.height]).to.deep.equal([56, 56]);
    expect(getComputedStyle(canvas).imageRendering).to.equal('pixelated');
  });

  it('resolves to the same pictures for the same seed, to others for another', async () => {
    const element = await sampler('seed="9" label="bag"');
    const first = await element.generate();
    const again = await element.generate();
    const other = await element.generate({ seed: 10 });
    expect(greys(again.images)).to.deep.equal(greys(first.images));
    expect(greys(other.images)).not.to.deep.equal(greys(first.images));
    expect([first.seed, other.seed]).to.deep.equal([9, 10]);
    expect(element.seed).to.equal(9);
  });

  it('takes seeds up to 2^64 - 1 from the attribute', async () => {
    const element = await sampler('seed="18446744073709551615"');
    expect((await element.generate()).seed).to.equal(2n ** 64n - 1n);
  });

  it('shows the steps as a filmstrip, noisy or predicted', async () => {
    const element = await sampler('trajectory seed="1"');
    await element.generate();
    await element.updateComplete;
    const strip = shadow(element, '.filmstrip canvas') as HTMLCanvasElement;
    expect([strip.width, strip.height]).to.deep.equal([56, 28]);
    const noisy = strip.toDataURL();
    element.trajectory = 'x0';
    await element.generate();
    expect(strip.toDataURL()).not.to.equal(noisy);
  });

  it('shows the noisy picture, the predicted one and the noise, and any of them large', async () => {
    const element = await sampler('trajectory="sample x0 noise" controls seed="1" label="bag"');
    await element.generate();
    await element.updateComplete;
    const kinds = [...element.shadowRoot!.querySelectorAll<HTMLButtonElement>('.kind')];
    expect(kinds.map((kind) => kind.textContent!.trim())).to.deep.equal([
      'Noisy picture',
      'Predicted picture',
      'Predicted noise',
    ]);
    const stage = shadow(element, '.stage canvas') as HTMLCanvasElement;
    const result = stage.toDataURL();
    kinds[2]!.click();
    await element.updateComplete;
    expect(stage.toDataURL()).not.to.equal(result);
    const error = await sampler('trajectory="sketch"').then((other) =>
      other.generate().catch((reason) => reason),
    );
    expect(error.message).to.contain('trajectory').and.to.contain('x0');
  });

  it('holds a run, makes it step by step, and goes on', async () => {
    const element = await sampler('trajectory controls seed="1"');
    const steps: number[] = [];
    element.addEventListener('step', ({ step }) => {
      steps.push(step);
      if (step === 2) element.pause();
    });
    const run = element.generate({ steps: 60 });
    await until(() => element.paused);
    await pause(500);
    const held = steps.length;
    // Steps that were made before the word to pause came are told of.
    expect(held).to.be.within(2, 59);
    expect(element.state).to.equal('generating');
    element.stepOnce();
    await until(() => steps.length === held + 1);
    await pause(200);
    expect(steps.length).to.equal(held + 1);
    element.play();
    await run;
    expect(steps).to.deep.equal(Array.from({ length: 60 }, (_, i) => i + 1));
    expect(element.paused).to.equal(false);
    const again = element.generate({ steps: 900 }).catch((error) => error);
    await nextEvent(element, 'step');
    element.pause();
    element.abort();
    expect((await again).name).to.equal('AbortError');
  });

  it('looks at earlier steps again, without a run', async () => {
    const element = await sampler('trajectory controls seed="1"');
    await element.generate({ steps: 4 });
    await element.updateComplete;
    const stage = shadow(element, '.stage canvas') as HTMLCanvasElement;
    const end = stage.toDataURL();
    const slider = shadow(element, '.player input') as HTMLInputElement;
    expect(slider.max).to.equal('3');
    slider.value = '0';
    slider.dispatchEvent(new Event('input'));
    await element.updateComplete;
    expect(stage.toDataURL()).not.to.equal(end);
    slider.value = '3';
    slider.dispatchEvent(new Event('input'));
    await element.updateComplete;
    expect(stage.toDataURL()).to.equal(end);
    expect(element.state).to.equal('done');
    await expect(element).to.be.accessible();
  });

  it('writes its pictures as a PNG', async () => {
    const element = await sampler('count="2"');
    const early = await element.toBlob().catch((error) => error);
    expect(early.code).to.equal('invalid-option');
    await element.generate();
    const bitmap = await createImageBitmap(await element.toBlob({ scale: 2 }));
    expect([bitmap.width, bitmap.height]).to.deep.equal([112, 56]);
  });

  it('submits its picture with a form, and forgets it on reset', async () => {
    const form = await fixture<HTMLFormElement>(
      html`<form>
        <diffusion-sampler name="art" backend="wasm" steps="1"></diffusion-sampler>
      </form>`,
    );
    const element = form.querySelector('diffusion-sampler')!;
    expect(new FormData(form).get('art')).to.equal(null);
    await element.generate();
    await pause(100);
    const file = new FormData(form).get('art') as File;
    expect(file.name).to.equal('art.png');
    expect(file.type).to.equal('image/png');
    form.reset();
    expect(new FormData(form).get('art')).to.equal(null);
    expect(element.form).to.equal(form);
  });
});

/** A white square on black, as a canvas of this size. */
function square(size: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = size;
  const context = canvas.getContext('2d')!;
  context.fillRect(0, 0, size, size);
  context.fillStyle = 'white';
  context.fillRect(size / 4, size / 4, size / 2, size / 2);
  return canvas;
}

describe('<diffusion-sampler> starting from a picture', () => {
  const expectSquare = (pixels: number[]) => {
    expect(pixels[14 * 28 + 14]).to.be.above(200);
    expect(pixels[2 * 28 + 14]).to.be.below(50);
  };

  it("takes its URL from the attribute, in the middle and in the model's size", async () => {
    const url = square(280).toDataURL();
    const element = await sampler(`image="${url}" strength="0" guidance-rescale="0.5"`);
    expectSquare(greys((await element.generate()).images));
    element.strength = 1;
    const { timings } = await element.generate();
    expect(timings.steps).to.equal(2);
  });

  it('takes files, elements, bitmaps and pixels', async () => {
    const element = await sampler('strength="0"');
    const canvas = square(100);
    const blob = await new Promise<Blob>((resolve) => canvas.toBlob((b) => resolve(b!)));
    const image = new Image();
    image.src = canvas.toDataURL();
    const pixels = canvas.getContext('2d')!.getImageData(0, 0, 100, 100);
    for (const source of [blob, canvas, image, pixels, await createImageBitmap(canvas)]) {
      expectSquare(greys((await element.generate({ image: source })).images));
    }
  });

  it('says what is wrong with a picture, and draws again when it is mended', async () => {
    const element = await sampler('image="/no-such-picture.png"');
    const missing = await element.generate().catch((error) => error);
    expect(missing.code).to.equal('image-invalid');
    expect(missing.message).to.contain('404');
    const text = await element.generate({ image: '/package.json' }).catch((error) => error);
    expect(text.code).to.equal('image-invalid');
    const far = await element.generate({ image: 'http://localhost:1/x.png' }).catch((e) => e);
    expect(far.code).to.equal('network');
    expect(far.message).to.contain('check the address');
    const script = await element.generate({ image: 'javascript:alert(1)' }).catch((e) => e);
    expect(script.code).to.equal('image-invalid');
    element.image = square(28);
    await element.generate();
    expect(element.state).to.equal('done');
  });
});

describe('<diffusion-sampler> controls', () => {
  it('generate, stop and download from the toolbar, with the picked class', async () => {
    const element = await sampler('controls seed="2"');
    const select = shadow(element, 'select') as HTMLSelectElement;
    await expectEventually(() => !select.disabled);
    expect(select.options).to.have.length(11);
    expect(button(element, 'Download').disabled).to.equal(true);
    const changed = nextEvent(element, 'change');
    select.value = 'trouser';
    select.dispatchEvent(new Event('change'));
    await changed;
    expect(element.label).to.equal('trouser');
    const loaded = nextEvent(element, 'load');
    button(element, 'Generate').click();
    await element.updateComplete;
    expect(button(element, 'Stop')).to.exist;
    await loaded;
    await element.updateComplete;
    expectDrawn(element, 1);
    expect(button(element, 'Download').disabled).to.equal(false);
    const pixels = greys(element.images);
    const direct = await element.generate({ label: 'trouser', seed: 2 });
    expect(greys(direct.images)).to.deep.equal(pixels);
  });

  it('shows and mends a bad number typed into a field', async () => {
    const element = await sampler('controls');
    const field = shadow(element, 'input[inputmode=numeric]') as HTMLInputElement;
    field.value = 'banana';
    field.dispatchEvent(new Event('change'));
    await element.updateComplete;
    const failed = nextEvent<DiffusionErrorEvent>(element, 'error');
    button(element, 'Generate').click();
    expect((await failed).error.message).to.match(/seed is "banana"/);
    await element.updateComplete;
    expect(shadow(element, '[part=error]')!.textContent).to.match(/seed is "banana"/);
    field.value = '';
    field.dispatchEvent(new Event('change'));
    await element.updateComplete;
    await element.generate();
    await element.updateComplete;
    expect(shadow(element, '[part=error]')).to.equal(null);
  });

  it('is accessible, empty and with pictures', async () => {
    const element = await sampler('controls trajectory alt="A bag"');
    await expect(element).to.be.accessible();
    await element.generate();
    await element.updateComplete;
    await expect(element).to.be.accessible();
    expect(shadow(element, '[role=img]')!.getAttribute('aria-label')).to.equal('A bag');
    await expectEventually(
      () => shadow(element, '[role=status]')!.textContent === 'A generated picture',
    );
  });

  it('stops on Escape', async () => {
    const element = await sampler('controls steps="500"');
    const stepped = nextEvent(element, 'step');
    const run = element.generate().catch((error) => error);
    await stepped;
    const escape = new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, composed: true });
    button(element, 'Stop').dispatchEvent(escape);
    expect((await run).name).to.equal('AbortError');
  });
});

describe('<diffusion-sampler> and what bad input gets', () => {
  const bad: [string, string, RegExp][] = [
    ['label', 'unicorn', /label is "unicorn".*sneaker/],
    ['steps', '0', /steps is 0.*from 1 to 1000/],
    ['steps', 'banana', /steps is "banana".*whole number/],
    ['steps', '1001', /steps is 1001.*from 1 to 1000/],
    ['steps', '2.5', /steps is 2.5.*whole number/],
    ['seed', '-1', /seed is -1.*0 to 2\^64/],
    ['eta', '2', /eta is 2.*from 0 to 1/],
    ['scheduler', 'magic', /scheduler is "magic".*ddim/],
    ['count', '65', /count is 65.*from 1 to 64/],
    ['guidance-scale', '99', /guidance-scale.*is 99.*from 0 to 30/],
    ['backend', 'cuda', /backend is "cuda".*auto, webgpu, wasm/],
    ['dtype', 'q2', /dtype is "q2".*fp32/],
  ];
  for (const [attribute, value, message] of bad) {
    it(`names ${attribute}="${value}" and works again once it is mended`, async () => {
      const element = await sampler();
      const [before] = [element.getAttribute(attribute)];
      element.setAttribute(attribute, value);
      await element.updateComplete;
      const event = nextEvent<DiffusionErrorEvent>(element, 'error');
      const rejection = await element.generate().catch((error) => error);
      expect((await event).error).to.equal(rejection);
      expect(rejection.code).to.equal('invalid-option');
      expect(rejection.message).to.match(message);
      expect(element.state).to.equal('failed');
      if (before === null) element.removeAttribute(attribute);
      else element.setAttribute(attribute, before);
      await element.updateComplete;
      expect(element.state).to.equal('idle');
      await element.generate({ seed: 1 });
      expectDrawn(element, 1);
    });
  }

  const models: [string, string, string][] = [
    ['a folder that is not there', '/models/nowhere/', 'model-not-found'],
    ['weights that are cut short', '/broken/truncated/', 'integrity-mismatch'],
    ['altered weights', '/broken/altered/', 'integrity-mismatch'],
    ['weights that are no ONNX', '/broken/not-onnx/', 'model-invalid'],
    ['an index that is no JSON', '/broken/not-json/', 'model-invalid'],
    ['a server that fails', '/broken/failing/', 'network'],
    ['no network', 'http://localhost:9/model/', 'network'],
    ['no URL', 'http://[', 'invalid-option'],
  ];
  for (const [what, model, code] of models) {
    it(`gives ${code} for ${what}, and draws with another model after`, async () => {
      const element = await sampler('preload="none"');
      element.model = model;
      await element.updateComplete;
      const error = await element.generate().catch((e) => e);
      expect(error.code, error.message).to.equal(code);
      expect(element.error).to.equal(error);
      element.model = '';
      await element.updateComplete;
      await element.generate({ seed: 1 });
      expectDrawn(element, 1);
    });
  }

  it('tries again by itself with autoplay', async () => {
    const element = await sampler('autoplay label="unicorn"');
    if (element.state !== 'failed') await nextEvent(element, 'error');
    const loaded = nextEvent(element, 'load');
    element.label = 'coat';
    await loaded;
    expectDrawn(element, 1);
  });
});

describe('<diffusion-sampler> runs that end early', () => {
  it('aborts the run before when generate() is called again', async () => {
    const element = await sampler();
    const first = element.generate({ steps: 500 }).catch((error) => error);
    const second = element.generate();
    expect((await first).name).to.equal('AbortError');
    expect((await second).images).to.have.length(1);
    expect(element.state).to.equal('done');
  });

  for (const moment of ['at once', 'while loading', 'in mid-run'] as const) {
    it(`aborts ${moment}, keeps the last pictures, and draws again`, async () => {
      const element = await sampler('seed="4"');
      await element.generate();
      const before = element.images;
      const stepped = nextEvent(element, 'step');
      const aborted = nextEvent(element, 'abort');
      const run = element.generate({ steps: 500 }).catch((error) => error);
      if (moment === 'while loading') await pause(1);
      if (moment === 'in mid-run') await stepped;
      else stepped.catch(() => undefined);
      element.abort();
      expect((await run).name).to.equal('AbortError');
      await aborted;
      expect(element.state).to.equal('done');
      expect(element.images).to.equal(before);
      await element.generate({ seed: 1 });
      expectDrawn(element, 1);
    });
  }

  it('aborts through a signal, while a model never comes', async () => {
    const element = await sampler('preload="none" model="/broken/stalled/"');
    const controller = new AbortController();
    const run = element.generate({ signal: controller.signal }).catch((error) => error);
    await pause(300);
    expect(element.state).to.equal('loading');
    controller.abort();
    expect((await run).name).to.equal('AbortError');
    expect(element.state).to.equal('idle');
  });

  it('goes on when it is moved, and ends when it is removed', async () => {
    const element = await sampler();
    const run = element.generate();
    element.parentElement!.append(element);
    expect((await run).images).to.have.length(1);
    const doomed = element.generate({ steps: 500 }).catch((error) => error);
    await nextEvent(element, 'step');
    element.remove();
    expect((await doomed).name).to.equal('AbortError');
  });
});

describe('<diffusion-sampler> fetching', () => {
  const requests = (part: string) =>
    performance.getEntriesByType('resource').filter(({ name }) => name.includes(part));

  it('fetches nothing for an element far below the fold', async () => {
    const spacer = await fixture(html`<div style="height: 400vh"></div>`);
    const element = document.createElement('diffusion-sampler');
    const errors: Event[] = [];
    element.addEventListener('error', (event) => errors.push(event));
    Object.assign(element, { autoplay: true, model: '/models/nowhere/below' });
    spacer.after(element);
    await pause(400);
    expect(errors).to.have.length(0);
    expect(element.state).to.equal('idle');
    const failed = nextEvent(element, 'error');
    element.scrollIntoView();
    await failed;
    element.remove();
  });

  it('shares one worker and one download among elements', async () => {
    const [a, b] = await Promise.all([sampler(), sampler()]);
    await Promise.all([a.generate({ seed: 1 }), b.generate({ seed: 1 })]);
    expect(requests('/dist/worker.js').length).to.be.at.most(1);
    expectDrawn(a, 1);
    expectDrawn(b, 1);
  });

  it('registers once, however often it is imported', async () => {
    const tag = customElements.get('diffusion-sampler');
    await import('diffusion-elements/diffusion-sampler');
    expect(customElements.get('diffusion-sampler')).to.equal(tag);
  });
});

async function expectEventually(condition: () => boolean): Promise<void> {
  for (let waited = 0; waited < 20_000 && !condition(); waited += 50) await pause(50);
  expect(condition()).to.equal(true);
}
