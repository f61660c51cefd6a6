import { expect } from '@open-wc/testing';
import { emulateMedia } from '@web/test-runner-commands';
import 'diffusion-elements';
import { frame, mount, swipe, touch, until } from '../helpers/painting.js';
import { nextEvent, pause } from '../helpers/pictures.js';

type Tag = keyof HTMLElementTagNameMap;

/** An element, the events of a person on it, and a part of it. */
async function put<K extends Tag>(tag: K, attributes: string) {
  const element = await mount<HTMLElementTagNameMap[K]>(`<${tag} ${attributes}></${tag}>`);
  const events: string[] = [];
  for (const type of ['input', 'change']) element.addEventListener(type, () => events.push(type));
  const find = (selector: string) => element.shadowRoot!.querySelector(selector)!;
  return { element, events, find };
}

async function tap(target: Element): Promise<void> {
  target.scrollIntoView({ block: 'center' });
  const { left, top, width, height } = target.getBoundingClientRect();
  await touch('touchStart', [left + width / 2, top + height / 2]);
  await touch('touchEnd');
}

describe('a finger', () => {
  it('adds noise with the slider of <diffusion-forward>', async () => {
    const { element, events, find } = await put(
      'diffusion-forward',
      'loading="eager" timestep="0"',
    );
    await until(() => find('.stage canvas'));
    await swipe(find('input[type=range]'), [0.02, 0.5], [0.8, 0.5]);
    expect(element.timestep).to.be.within(700, 900);
    expect(events.filter((type) => type === 'input').length).to.be.above(1);
    expect(events.at(-1)).to.equal('change');
  });

  it('reads the chart of <diffusion-schedule>', async () => {
    const { element, events, find } = await put('diffusion-schedule', 'timestep="0"');
    await until(() => find('svg.chart'));
    await swipe(find('svg.chart'), [0.3, 0.5], [0.7, 0.5]);
    expect(element.timestep).to.be.within(550, 800);
    expect(events).to.include('input');
  });

  it('moves over the map of <diffusion-interpolate>, also past its edge', async () => {
    const { element, events, find } = await put(
      'diffusion-interpolate',
      'backend="wasm" steps="1" four-seeds="1 2 3 4" frames="3"',
    );
    await element.generate();
    await element.updateComplete;
    await swipe(find('.strip'), [0.1, 0.1], [0.9, 1.05]);
    expect(element.frame).to.equal(8);
    expect(events.at(-1)).to.equal('change');
  });

  it('draws what <diffusion-train> learns, and plays it', async () => {
    const { element, events, find } = await put('diffusion-train', 'data="drawn"');
    await swipe(find('.plane'), [0.2, 0.6], [0.8, 0.4]);
    await element.updateComplete;
    expect(events).to.include('input').and.to.include('change');
    // A tap right after a swipe only ends the swipe's momentum.
    for (let i = 0; i < 5 && element.paused; i++) {
      await pause(500);
      await tap(find('button'));
    }
    await until(() => element.iteration > 0);
    element.pause();
  });

  it('starts <diffusion-compare>', async () => {
    const { element, find } = await put(
      'diffusion-compare',
      'backend="wasm" controls schedulers="ddim:1 unipc:1"',
    );
    const drawn = nextEvent(element, 'load');
    await tap(find('button'));
    await drawn;
    expect(element.images).to.have.length(2);
  });

  it('goes back through the trajectory of <diffusion-sampler>', async () => {
    const { element, find } = await put(
      'diffusion-sampler',
      'backend="wasm" steps="4" trajectory="sample x0 noise" controls',
    );
    await element.generate();
    await element.updateComplete;
    const slider = find('.player input') as HTMLInputElement;
    expect(slider.value).to.equal('3');
    await swipe(slider, [0.98, 0.5], [0.02, 0.5]);
    expect(slider.value).to.equal('0');
  });
});

describe('for people who asked for less motion', () => {
  before(() => emulateMedia({ reducedMotion: 'reduce' }));
  after(() => emulateMedia({ reducedMotion: 'no-preference' }));

  it('autoplay draws the frames of <diffusion-interpolate>, and only a person plays them', async () => {
    const { element } = await put(
      'diffusion-interpolate',
      'backend="wasm" steps="1" frames="3" autoplay loop duration="300"',
    );
    await nextEvent(element, 'load');
    await pause(200);
    expect(element.paused).to.equal(true);
    expect(element.images).to.have.length(3);
    element.play();
    expect(element.paused).to.equal(false);
    element.pause();
  });

  it('autoplay does not train by itself', async () => {
    const { element } = await put('diffusion-train', 'autoplay');
    await pause(500);
    expect(element.iteration).to.equal(0);
    element.play();
    await until(() => element.iteration > 0);
    element.pause();
  });

  it('nothing is animated but by its own button', async () => {
    for (const tag of ['diffusion-forward', 'diffusion-schedule', 'diffusion-sampler'] as const) {
      const { element } = await put(tag, `src="${frame(28)}" preload="none"`);
      await pause(100);
      const animations = element.shadowRoot!.getAnimations();
      expect(animations.map(({ playState }) => playState)).not.to.include('running', tag);
    }
  });
});
