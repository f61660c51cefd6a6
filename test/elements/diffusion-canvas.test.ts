import { expect } from '@open-wc/testing';
import { emulateMedia, sendKeys } from '@web/test-runner-commands';
import 'diffusion-elements';
import type { DiffusionCanvas } from 'diffusion-elements';
import { drag, frame, mount, swipe, until } from '../helpers/painting.js';
import { greys, nextEvent, pause } from '../helpers/pictures.js';

const put = (attributes = '') =>
  mount<DiffusionCanvas>(
    `<diffusion-canvas backend="wasm" seed="1" label="sneaker" ${attributes}></diffusion-canvas>`,
  );

const find = (element: Element, selector: string) =>
  element.shadowRoot!.querySelector<HTMLElement>(selector)!;

const board = (element: Element) => find(element, '[part=board]');

/** The greys of what is drawn, at the model's size. */
function drawing(element: DiffusionCanvas): number[] {
  const { canvas } = document.createElement('canvas').getContext('2d')!;
  [canvas.width, canvas.height] = [28, 28];
  canvas.getContext('2d')!.drawImage(element.drawing, 0, 0, 28, 28);
  return greys([canvas.getContext('2d')!.getImageData(0, 0, 28, 28)]);
}

const distance = (a: number[], b: number[]) =>
  a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;

/** Resolves when nothing has been drawn for a while. */
async function rest(element: DiffusionCanvas): Promise<void> {
  await until(() => element.state === 'done');
  await pause(300);
  await until(() => element.state === 'done');
}

describe('<diffusion-canvas>', () => {
  it('fetches nothing, and draws nothing, until somebody draws', async () => {
    const element = await put();
    element.label = 'bag';
    await pause(300);
    expect(element.state).to.equal('idle');
  });

  it('answers while the pointer moves, and then with what was drawn last', async () => {
    const element = await put();
    const events: string[] = [];
    for (const type of ['input', 'change', 'step', 'load', 'abort', 'error']) {
      element.addEventListener(type, () => events.push(type));
    }
    await drag(board(element), [0.1, 0.7], [0.9, 0.7]);
    await rest(element);
    await drag(board(element), [0.5, 0.5], [0.9, 0.6]);
    await rest(element);
    expect(events).to.include('input').and.include('change').and.include('load');
    expect(events).not.to.include('abort');
    expect(events).not.to.include('error');
    expect(Math.max(...drawing(element))).to.equal(255);
    const shown = greys(element.images);
    await element.generate({ seed: 1 });
    expect(greys(element.images)).to.deep.equal(shown);
  });

  it('stays nearer to the drawing the lower its strength is', async () => {
    const element = await put('strength="0.25"');
    await drag(board(element), [0.2, 0.5], [0.8, 0.5]);
    await rest(element);
    const near = distance(greys(element.images), drawing(element));
    element.strength = 0.95;
    await rest(element);
    const far = distance(greys(element.images), drawing(element));
    expect(near).to.be.below(far);
  });

  it('is drawn on by a finger and by keys, with undo', async () => {
    const element = await put();
    await swipe(board(element), [0.2, 0.5], [0.8, 0.5]);
    const first = drawing(element);
    expect(Math.max(...first)).to.equal(255);
    board(element).focus();
    await sendKeys({ press: 'ArrowUp' });
    await sendKeys({ down: ' ' });
    await sendKeys({ press: 'Shift+ArrowUp' });
    await sendKeys({ up: ' ' });
    expect(distance(drawing(element), first)).to.be.above(0);
    await sendKeys({ press: 'Control+z' });
    expect(drawing(element)).to.deep.equal(first);
    await rest(element);
    element.clear();
    expect(Math.max(...drawing(element))).to.equal(0);
    expect(element.images).to.have.length(0);
    expect(element.state).to.equal('idle');
  });

  it('has no answer to a board that is empty again, nor a form its picture', async () => {
    const form = document.createElement('form');
    const element = await put('name="picture" controls');
    element.parentElement!.append(form);
    form.append(element);
    await swipe(board(element), [0.2, 0.5], [0.8, 0.5]);
    await rest(element);
    await until(() => new FormData(form).has('picture'));
    element.undo();
    expect(new FormData(form).has('picture')).to.equal(false);
    expect(element.images).to.have.length(0);
    element.redo();
    await nextEvent(element, 'load');
    await until(() => new FormData(form).has('picture'));
    form.reset();
    expect(Math.max(...drawing(element))).to.equal(0);
    expect(new FormData(form).has('picture')).to.equal(false);
    element.src = frame(200);
    await nextEvent(element, 'load');
    element.removeAttribute('src');
    element.src = '';
    await element.updateComplete;
    expect(Math.max(...drawing(element))).to.equal(0);
  });

  it('redraws on another ground, and says what a brush can not be', async () => {
    const element = await put();
    await swipe(board(element), [0.2, 0.5], [0.8, 0.5]);
    await rest(element);
    element.ground = '#666';
    await nextEvent(element, 'load');
    for (const [name, bad, good] of [
      ['ground', 'notacolour', '#222'],
      ['colour', 'zzz', 'red'],
      ['brush-size', '500', '20'],
    ] as const) {
      element.setAttribute(name, bad);
      const failure = await element.generate().catch((error: Error) => error);
      expect((failure as Error).message).to.contain(bad);
      await element.updateComplete;
      element.setAttribute(name, good);
      await nextEvent(element, 'load');
    }
  });

  it('draws only when it is asked to with live="off"', async () => {
    const element = await put('live="off"');
    await swipe(board(element), [0.2, 0.5], [0.8, 0.5]);
    await pause(300);
    expect(element.state).to.equal('idle');
    await element.generate();
    element.live = 'on' as unknown as boolean;
    element.strength = 0.4;
    await nextEvent(element, 'load');
  });

  it('keeps the places of what a model of words has, until it is known', async () => {
    const element = await put('controls prompt="a red fox" preload="none"');
    const fields = () => element.shadowRoot!.querySelectorAll('.toolbar label').length;
    const [before, height] = [fields(), element.getBoundingClientRect().height];
    expect(getComputedStyle(board(element)).backgroundColor).to.equal('rgb(255, 255, 255)');
    element.preload = 'metadata';
    element.requestUpdate('model');
    await until(() => find(element, 'option[value="3d"]') !== null);
    expect(fields()).to.equal(before);
    expect(element.getBoundingClientRect().height).to.equal(height);
  });

  it('draws on a picture, and over the camera', async () => {
    const element = await put('controls');
    await element.load(frame(200));
    await rest(element);
    expect(element.images).to.have.length(1);
    const still = drawing(element);
    expect(Math.max(...still)).to.be.above(150);
    await element.startCamera();
    expect(element.cameraOn).to.equal(true);
    await until(() => distance(drawing(element), still) > 5);
    // Each frame is drawn to its end.
    await nextEvent(element, 'load');
    await nextEvent(element, 'load');
    element.stopCamera();
    expect(element.cameraOn).to.equal(false);
    await rest(element);
  });

  it('draws some frames of the camera where less motion is wished for', async () => {
    await emulateMedia({ reducedMotion: 'reduce' });
    try {
      const element = await put();
      await element.startCamera();
      await nextEvent(element, 'load');
      await nextEvent(element, 'load');
      element.stopCamera();
      await rest(element);
    } finally {
      await emulateMedia({ reducedMotion: 'no-preference' });
    }
  });

  it('is done with a camera that is unplugged', async () => {
    const element = await put();
    const given = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    let stream: MediaStream | undefined;
    Object.defineProperty(navigator.mediaDevices, 'getUserMedia', {
      configurable: true,
      value: async (wanted: MediaStreamConstraints) => (stream = await given(wanted)),
    });
    try {
      await element.startCamera();
    } finally {
      Reflect.deleteProperty(navigator.mediaDevices, 'getUserMedia');
    }
    stream!.getTracks()[0]!.dispatchEvent(new Event('ended'));
    expect(element.cameraOn).to.equal(false);
    await rest(element);
  });

  it('gives the camera back when it leaves the page, and says so where there is none', async () => {
    const element = await put();
    await element.startCamera();
    element.remove();
    expect(element.cameraOn).to.equal(false);
    const { getUserMedia } = MediaDevices.prototype;
    const refuse = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
    Object.defineProperty(navigator.mediaDevices, 'getUserMedia', {
      configurable: true,
      value: refuse,
    });
    try {
      const other = await put();
      await other.startCamera();
      await other.updateComplete;
      expect(find(other, '[part=notice]').textContent).to.contain('camera');
      await drag(board(other), [0.2, 0.5], [0.8, 0.5]);
      await rest(other);
    } finally {
      Reflect.deleteProperty(navigator.mediaDevices, 'getUserMedia');
      expect(navigator.mediaDevices.getUserMedia).to.equal(getUserMedia);
    }
  });

  it('tells a picture that can’t be read, and goes on', async () => {
    const element = await put('src="/nowhere.png"');
    await nextEvent(element, 'error');
    expect(element.error!.code).to.equal('image-invalid');
    await drag(board(element), [0.2, 0.5], [0.8, 0.5]);
    await rest(element);
  });

  it('is accessible', async () => {
    const element = await put('controls');
    await until(() => find(element, 'select'));
    await expect(element).to.be.accessible();
  });
});
