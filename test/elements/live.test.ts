import { expect } from '@open-wc/testing';
import { emulateMedia, sendKeys } from '@web/test-runner-commands';
import 'diffusion-elements';
import type { DiffusionInpaint, DiffusionInterpolate, DiffusionSampler } from 'diffusion-elements';
import { drag, frame, mount, stageOf, swipe, until } from '../helpers/painting.js';
import { greys, nextEvent, pause } from '../helpers/pictures.js';

const WASM = 'backend="wasm"';

/** A sampler that has drawn once, and what it told since. */
async function drawn(attributes: string) {
  const element = await mount<DiffusionSampler>(
    `<diffusion-sampler ${WASM} ${attributes}></diffusion-sampler>`,
  );
  await element.generate();
  await element.updateComplete;
  const events: string[] = [];
  for (const type of ['step', 'load', 'error', 'abort', 'input', 'change']) {
    element.addEventListener(type, () => events.push(type));
  }
  const states = new Set<string>();
  element.addEventListener('step', () => states.add(element.state));
  return { element, events, states };
}

const find = (element: Element, selector: string) =>
  element.shadowRoot!.querySelector<HTMLElement>(selector)!;

/** Resolves when nothing has been drawn for a while. */
async function rest(element: DiffusionSampler): Promise<void> {
  await until(() => element.state === 'done');
  await pause(400);
  await until(() => element.state === 'done');
}

const canvasGreys = (element: DiffusionSampler) => {
  const { width, height } = find(element, '.stage canvas') as HTMLCanvasElement;
  const context = (find(element, '.stage canvas') as HTMLCanvasElement).getContext('2d')!;
  return greys([context.getImageData(0, 0, width, height)]);
};

describe('live', () => {
  it('draws the latest of 200 changes in two seconds, none that is stale, without a word between', async () => {
    const { element, events, states } = await drawn(
      'live quality="fast" label="sneaker" seed="1,2,3,4@0,0"',
    );
    const begun = performance.now();
    for (let i = 1; i <= 200; i++) {
      element.seed = `1,2,3,4@${(i / 200).toFixed(3)},0.5`;
      await pause(Math.max(0, begun + 10 * i - performance.now()));
    }
    await rest(element);
    const steps = events.filter((type) => type === 'step').length;
    expect(steps).to.be.within(5, 210);
    expect(new Set(events)).to.deep.equal(new Set(['step', 'load']));
    expect(states).to.deep.equal(new Set(['generating']));
    expect(element.lastSeed).to.equal('1,2,3,4@1.000,0.5');
    const shown = canvasGreys(element);
    element.live = false;
    await element.generate();
    expect(shown).to.deep.equal(greys(element.images));
  });

  it('shows the picture of one run first, and refines it in place', async () => {
    const { element, events } = await drawn('live label="bag" seed="5"');
    expect(element.settings?.model).to.equal('fashion-mnist-turbo');
    expect(element.settings?.steps).to.equal(4);
    const previews: number[][] = [];
    element.addEventListener('step', ({ preview }) => previews.push(greys(preview)));
    element.label = 'dress';
    await nextEvent(element, 'load');
    expect(events).to.deep.equal(['step', 'step', 'step', 'step', 'load']);
    const { images } = await element.generate({ steps: 1 });
    expect(greys(images)).to.deep.equal(previews[0]);
  });

  it('keeps its seed where none is given, and takes another one on a click', async () => {
    const { element } = await drawn('live label="bag" steps="1" controls');
    const first = element.lastSeed;
    element.label = 'coat';
    await nextEvent(element, 'load');
    expect(element.lastSeed).to.equal(first);
    find(element, '[part=controls] .primary').click();
    await nextEvent(element, 'load');
    expect(element.lastSeed).not.to.equal(first);
  });

  it('fetches and draws nothing before somebody has asked for a picture', async () => {
    const element = await mount<DiffusionSampler>(
      `<diffusion-sampler ${WASM} live preload="none"></diffusion-sampler>`,
    );
    element.label = 'bag';
    await element.updateComplete;
    element.steps = 1;
    await pause(300);
    expect(element.state).to.equal('idle');
  });

  it('leaves a run alone that was asked for with what has just changed', async () => {
    const { element, events } = await drawn('live label="bag" seed="3"');
    element.label = 'dress';
    const { seed } = await element.generate({ seed: 9 });
    expect(seed).to.equal(9);
    expect(events.filter((type) => type === 'load')).to.have.length(1);
    expect(events).not.to.include('abort');
  });

  it('draws what changes right after a run was asked for', async () => {
    const { element } = await drawn('live label="bag" seed="3"');
    element.label = 'dress';
    const asked = element.generate().catch(() => undefined);
    element.label = 'sandal';
    await asked;
    await rest(element);
    expect(element.settings?.label).to.equal('sandal');
  });

  it('leaves the progress bar and the buttons alone', async () => {
    const { element } = await drawn('live controls label="bag" seed="3"');
    const seen: boolean[] = [];
    element.addEventListener('step', () => {
      const stop = find(element, '[part=controls] .primary').textContent!.includes('Stop');
      seen.push(stop || find(element, '[part=progress]') !== null);
    });
    element.seed = 4;
    await nextEvent(element, 'load');
    expect(seen).to.deep.equal([false, false, false, false]);
  });

  it('waits while the page is hidden, and draws the latest when it is shown', async () => {
    const { element, events } = await drawn('live label="bag" seed="3" steps="1"');
    let hidden = true;
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
    try {
      element.seed = 4;
      await element.updateComplete;
      element.seed = 5;
      await pause(200);
      expect(events).to.deep.equal([]);
      hidden = false;
      document.dispatchEvent(new Event('visibilitychange'));
      await nextEvent(element, 'load');
      expect(element.lastSeed).to.equal(5);
    } finally {
      delete (document as { hidden?: boolean }).hidden;
    }
  });

  it('draws when the hand rests where less motion is wished for', async () => {
    await emulateMedia({ reducedMotion: 'reduce' });
    try {
      const { element, events } = await drawn('live label="bag" seed="3" steps="1"');
      for (let seed = 4; seed < 12; seed++) {
        element.seed = seed;
        await pause(30);
      }
      expect(events).to.deep.equal([]);
      await nextEvent(element, 'load');
      expect(element.lastSeed).to.equal(11);
    } finally {
      await emulateMedia({ reducedMotion: 'no-preference' });
    }
  });

  it('tells a mistake once, and goes on with the next change', async () => {
    const { element, events } = await drawn('live label="bag" seed="3" steps="1"');
    element.seed = '1,2@7';
    await nextEvent(element, 'error');
    expect(element.error!.message).to.contain('seed');
    element.seed = '1,2@0.7';
    await nextEvent(element, 'load');
    expect(events.filter((type) => type === 'error')).to.have.length(1);
  });

  it('tells a failure once while a hand moves, and tries again when it rests', async () => {
    const { element, events } = await drawn('live label="bag" seed="3" steps="1"');
    element.label = 'boat';
    await nextEvent(element, 'error');
    for (let seed = 4; seed < 24; seed++) {
      element.seed = seed;
      await pause(20);
    }
    expect(events).to.deep.equal(['error']);
    await nextEvent(element, 'error');
    element.label = 'bag';
    await nextEvent(element, 'load');
    expect(element.lastSeed).to.equal(23);
  });

  it('draws nothing that waits once it is stopped', async () => {
    const { element, events } = await drawn('live label="bag" seed="3" steps="1"');
    element.seed = 4;
    await element.updateComplete;
    element.seed = 5;
    await element.updateComplete;
    element.abort();
    await pause(300);
    expect(events).to.deep.equal(['abort']);
    expect(element.lastSeed).to.equal(3);
    element.seed = 6;
    await nextEvent(element, 'load');
    expect(element.lastSeed).to.equal(6);
  });

  it('does not wait for a model that hangs when another one is named', async () => {
    const { element, events } = await drawn('live label="bag" seed="3" steps="1"');
    element.model = '/broken/stalled/';
    await until(() => element.state === 'generating');
    await pause(100);
    element.model = 'fashion-mnist-turbo';
    await nextEvent(element, 'load');
    expect(events).not.to.include('error');
  });

  it('draws what has changed while it was elsewhere in the page, or nowhere', async () => {
    const { element } = await drawn('live label="bag" seed="3" steps="1"');
    const [place] = [element.parentElement!, document.body.append(document.createElement('div'))];
    element.seed = 4;
    await element.updateComplete;
    element.seed = 5;
    await element.updateComplete;
    document.body.lastElementChild!.append(element);
    await nextEvent(element, 'load');
    await rest(element);
    expect(element.lastSeed).to.equal(5);
    element.remove();
    await pause(50);
    element.seed = 6;
    await element.updateComplete;
    place.append(element);
    await nextEvent(element, 'load');
    expect(element.lastSeed).to.equal(6);
  });

  it('gives a form the picture before while the next is drawn', async () => {
    const { element } = await drawn('live name="picture" label="bag" seed="3" steps="4"');
    const form = document.createElement('form');
    element.parentElement!.append(form);
    form.append(element);
    await until(() => new FormData(form).has('picture'));
    const missing: boolean[] = [];
    element.addEventListener('step', () => missing.push(!new FormData(form).has('picture')));
    element.seed = 4;
    await nextEvent(element, 'load');
    expect(missing).to.deep.equal([false, false, false, false]);
  });

  it('does not end with its element, and holds nothing of it', async () => {
    const { element } = await drawn('live label="bag" seed="3"');
    element.seed = 4;
    await element.updateComplete;
    element.remove();
    await pause(200);
    const other = await drawn('live label="bag" seed="3"');
    expect(other.element.state).to.equal('done');
  });
});

describe('the seed pad', () => {
  const pad = (element: Element) => find(element, '[part=pad]');

  it('follows a drag of the mouse, also past its edge', async () => {
    const { element, events } = await drawn('live seed-pad label="bag" seed="7" steps="1"');
    await drag(pad(element), [0.1, 0.1], [1.2, 0.5]);
    expect(element.seed).to.match(/^7,8,9,10@1,0\.[45]/);
    expect(events.filter((type) => type === 'change')).to.have.length(1);
    await rest(element);
    expect(element.lastSeed).to.equal(element.seed);
  });

  it('follows a finger, and the page does not scroll', async () => {
    const { element, events } = await drawn('live seed-pad label="bag" seed="7" steps="1"');
    pad(element).scrollIntoView({ block: 'center' });
    const before = scrollY;
    await swipe(pad(element), [0.2, 0.2], [0.8, 0.6]);
    expect(scrollY).to.equal(before);
    expect(element.seed).to.match(/^7,8,9,10@0\.[78]\d*,0\.[56]/);
    expect(events.filter((type) => type === 'input').length).to.be.above(3);
    await rest(element);
  });

  it('follows the arrow keys, and says where it is', async () => {
    const { element } = await drawn('live seed-pad label="bag" seed="1,2,3,4@0.5,0.5" steps="1"');
    pad(element).focus();
    await sendKeys({ press: 'ArrowRight' });
    await sendKeys({ press: 'Shift+ArrowUp' });
    expect(element.seed).to.equal('1,2,3,4@0.52,0.4');
    await element.updateComplete;
    expect(pad(element).getAttribute('aria-valuetext')).to.match(/52.*40/);
    await sendKeys({ press: 'Home' });
    expect(element.seed).to.equal('1,2,3,4@0,0');
    await rest(element);
  });

  it('goes on from a place between two seeds', async () => {
    const { element } = await drawn('live seed-pad label="bag" seed="1,2@0.5" steps="1"');
    expect(pad(element).getAttribute('aria-valuetext')).to.match(/50.*0/);
    pad(element).focus();
    await sendKeys({ press: 'ArrowRight' });
    expect(element.seed).to.equal('1,2,3,4@0.52,0');
    await rest(element);
  });

  it('shows at its corners what their seeds draw alone', async () => {
    const { element } = await drawn('label="bag"');
    const ends = [7, 8, 9, 10];
    for (const [index, place] of ['0,0', '1,0', '0,1', '1,1'].entries()) {
      const { images } = await element.generate({ seed: `7,8,9,10@${place}` });
      const alone = await element.generate({ seed: ends[index]! });
      const difference = greys(images).map((grey, i) => Math.abs(grey - greys(alone.images)[i]!));
      expect(Math.max(...difference)).to.be.at.most(1);
    }
  });

  it('is accessible, with the blend beside it', async () => {
    const { element } = await drawn('live seed-pad label-blend controls label="bag" steps="1"');
    await until(() => find(element, '.blending select option'));
    await expect(element).to.be.accessible();
  });
});

describe('the label blend', () => {
  it('moves between two classes, and the label says where', async () => {
    const { element, events } = await drawn('live label-blend label="sneaker" seed="3" steps="1"');
    await until(() => find(element, '.blending select option'));
    const range = find(element, '.blending input') as HTMLInputElement;
    range.value = '40';
    range.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
    expect(element.label).to.equal('sneaker, bag @ 0.4');
    await nextEvent(element, 'load');
    const blended = greys(element.images);
    expect(events.filter((type) => type === 'input')).to.have.length(1);
    const select = find(element, '.blending select') as HTMLSelectElement;
    select.value = 'dress';
    select.dispatchEvent(new Event('change', { bubbles: true }));
    expect(element.label).to.equal('sneaker, dress @ 0.4');
    await nextEvent(element, 'load');
    expect(greys(element.images)).not.to.deep.equal(blended);
  });

  it('is kept when another first class is chosen, and reads numbers as names', async () => {
    const { element } = await drawn('controls label-blend label="7, 8 @ 0.4" steps="1"');
    await until(() => find(element, '.blending select option'));
    const [first, second] = ['[part=controls] select', '.blending select'].map(
      (selector) => find(element, selector) as HTMLSelectElement,
    );
    expect([first!.value, second!.value]).to.deep.equal(['sneaker', 'bag']);
    first!.value = 'coat';
    first!.dispatchEvent(new Event('change', { bubbles: true }));
    expect(element.label).to.equal('coat, 8 @ 0.4');
    await element.updateComplete;
    expect([first!.value, second!.value]).to.deep.equal(['coat', 'bag']);
    expect(find(element, '[part=canvas]').ariaLabel).to.match(/: .*40\s%/);
  });

  it('refuses classes that there are not', async () => {
    const { element } = await drawn('label="sneaker" steps="1"');
    const failure = await element.generate({ label: 'sneaker, boat @ 0.5' }).catch((e: Error) => e);
    expect((failure as Error).message).to.contain('boat');
  });
});

describe('the distilled model', () => {
  it('draws where no model is named, and gives way where more is asked for than it was made for', async () => {
    const models: (string | undefined)[] = [];
    for (const attributes of [
      '',
      'live steps="1"',
      'steps="5"',
      'trajectory',
      'steps="2" scheduler="ddim"',
      'live steps="1" guidance-scale="1.5"',
      'quality="best" steps="1"',
      'quality="fast" steps="6"',
    ]) {
      const { element } = await drawn(`label="bag" ${attributes}`);
      models.push(element.settings?.model);
    }
    const [fast, base] = ['fashion-mnist-turbo', 'fashion-mnist'];
    expect(models).to.deep.equal([fast, fast, base, base, base, base, base, fast]);
  });

  it('allows 50 steps, and says what it was made for', async () => {
    const { element } = await drawn('model="fashion-mnist-turbo" steps="50" label="bag"');
    expect(element.notices.join()).to.contain('1 to 4 steps');
    expect(element.state).to.equal('done');
  });

  it('says what it has no use for', async () => {
    const { element } = await drawn('quality="fast" guidance-scale="3" eta="0.5" label="bag"');
    expect(element.notices).to.have.length(2);
    expect(element.notices[0]).to.match(/Eta is left out.*LCM/);
    expect(element.notices[1]).to.match(/guidance scale of 1/);
  });

  it('refuses a scheduler that does not fit, and names those that do', async () => {
    const element = await mount<DiffusionSampler>(
      `<diffusion-sampler ${WASM} model="fashion-mnist-turbo" scheduler="unipc"></diffusion-sampler>`,
    );
    const failure = await element.generate().catch((error: Error) => error);
    expect((failure as Error).message).to.match(/unipc.*distilled model: lcm/);
  });

  it('draws the way between two seeds with the scheduler that fits it', async () => {
    const element = await mount<DiffusionInterpolate>(
      `<diffusion-interpolate ${WASM} model="fashion-mnist-turbo" label="bag" from-seed="1" to-seed="2" frames="3"
      ></diffusion-interpolate>`,
    );
    const { images } = await element.generate();
    expect(images).to.have.length(3);
  });

  it('refuses a quality that there is not', async () => {
    const element = await mount<DiffusionSampler>(
      `<diffusion-sampler ${WASM} quality="good"></diffusion-sampler>`,
    );
    const failure = await element.generate().catch((error: Error) => error);
    expect((failure as Error).message).to.contain('fast or best');
  });
});

describe('<diffusion-inpaint live>', () => {
  it('fills what is painted while the pointer still moves, and keeps the rest to the byte', async () => {
    const element = await mount<DiffusionInpaint>(
      `<diffusion-inpaint ${WASM} live seed="1" src="${frame(280)}"></diffusion-inpaint>`,
    );
    await until(() => element.picture && element.maskElement?.picture.width === 28);
    const mask = element.maskElement!;
    let painting = true;
    const during: string[] = [];
    for (const type of ['input', 'change', 'step', 'error']) {
      element.addEventListener(type, () => painting && during.push(type));
    }
    await drag(stageOf(mask), [0.3, 0.3], [0.7, 0.3]);
    const loaded = nextEvent(element, 'load');
    await drag(stageOf(mask), [0.3, 0.5], [0.7, 0.6]);
    await loaded;
    painting = false;
    await until(() => element.state === 'done');
    await pause(300);
    expect(during).to.include('step').and.include('input').and.include('change');
    expect(during).not.to.include('error');
    const painted = greys([mask.picture]);
    const [after, before] = [greys(element.images), greys([element.picture!])];
    const kept = (values: number[]) => values.filter((_, i) => painted[i] === 0);
    expect(kept(after)).to.deep.equal(kept(before));
    expect(after).not.to.deep.equal(before);
    for (const [name, value] of [
      ['maskPreset', 'half'],
      ['expand', 'right 14'],
    ] as const) {
      element[name] = value;
      await nextEvent(element, 'load');
    }
    expect(element.images[0]!.width).to.equal(42);
  });
});
