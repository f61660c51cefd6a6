import { expect, fixture, html } from '@open-wc/testing';
import { sendMouse } from '@web/test-runner-commands';
import 'diffusion-elements';
import type { DiffusionTrain } from 'diffusion-elements';
import { drag, mount, until } from '../helpers/painting.js';
import { nextEvent, pause } from '../helpers/pictures.js';

const train = (attributes = '') =>
  mount<DiffusionTrain>(`<diffusion-train ${attributes}></diffusion-train>`);

const plane = (element: DiffusionTrain) =>
  element.shadowRoot!.querySelector<HTMLCanvasElement>('.plane canvas')!;

const buttons = (element: DiffusionTrain) => [
  ...element.shadowRoot!.querySelectorAll<HTMLButtonElement>('button'),
];

describe('<diffusion-train>', () => {
  it('shows its data before anybody clicks, and starts no worker for it', async () => {
    const element = await train('data="ring"');
    const blank = document.createElement('canvas');
    blank.width = blank.height = plane(element).width;
    expect(plane(element).toDataURL()).not.to.equal(blank.toDataURL());
    expect(element.iteration).to.equal(0);
    expect(element.paused).to.equal(true);
  });

  it('learns while it plays: the loss falls, its reports come, and it rests when it is paused', async () => {
    const element = await train();
    const reports: number[] = [];
    element.addEventListener('step', ({ iteration, loss }) => {
      reports.push(iteration);
      expect(loss).to.be.above(0);
    });
    element.play();
    await until(() => element.iteration > 0);
    await until(() => element.iteration > 400);
    expect(element.loss).to.be.below(0.6);
    element.pause();
    await pause(300);
    const { iteration } = element;
    await pause(300);
    expect(element.iteration).to.equal(iteration);
    expect(reports.every((value, i) => i === 0 || value >= reports[i - 1]!)).to.equal(true);
  });

  it('makes one iteration, and shows what it did', async () => {
    const element = await train();
    element.step();
    await until(() => element.iteration === 1);
    await element.updateComplete;
    const cells = [...element.shadowRoot!.querySelectorAll('td')].map((cell) => cell.textContent!);
    expect(cells).to.have.length(20);
    expect(cells[0]).to.match(/^-?\d\.\d\d, -?\d\.\d\d$/);
    expect(Number(cells[1])).to.be.within(0, 99);
    element.step();
    await until(() => element.iteration === 2);
  });

  it('learns the same from the same seed', async () => {
    const losses = [];
    for (let i = 0; i < 2; i++) {
      const element = await train('seed="3" data="spiral"');
      element.step();
      await until(() => element.iteration === 1);
      losses.push(element.loss);
    }
    expect(losses[0]).to.equal(losses[1]);
  });

  it('draws paths of samples', async () => {
    const element = await train('data="ring"');
    element.step();
    await until(() => element.iteration === 1);
    const still = plane(element).toDataURL();
    element.sample('ddim');
    await until(() => plane(element).toDataURL() !== still);
    expect(() => element.sample('euler' as 'ddim')).to.throw('ddpm or ddim');
  });

  it('takes other settings while it goes on, and begins anew with another width or data', async () => {
    const element = await train();
    element.play();
    await until(() => element.iteration > 10);
    element.learningRate = 0.01;
    element.batchSize = 64;
    await element.updateComplete;
    const { iteration } = element;
    await until(() => element.iteration > iteration);
    element.width = 16;
    await element.updateComplete;
    expect(element.iteration).to.equal(0);
    await until(() => element.iteration > 0);
    element.data = 'letters';
    await element.updateComplete;
    expect(element.iteration).to.equal(0);
    element.reset();
    element.pause();
  });

  it('learns what a person draws', async () => {
    const element = await train('data="drawn"');
    const events: string[] = [];
    for (const type of ['input', 'change']) element.addEventListener(type, () => events.push(type));
    expect(buttons(element)[0]!.disabled).to.equal(true);
    await drag(element.shadowRoot!.querySelector('.plane')!, [0.2, 0.5], [0.8, 0.4]);
    await element.updateComplete;
    expect(events).to.include('input').and.to.include('change');
    expect(buttons(element)[0]!.disabled).to.equal(false);
    element.step();
    await until(() => element.iteration === 1);
    await sendMouse({ type: 'move', position: [0, 0] });
  });

  it('stops when it is taken away, and draws beside it are not disturbed', async () => {
    const element = await train('autoplay');
    await until(() => element.iteration > 0);
    const sampler = await mount<HTMLElementTagNameMap['diffusion-sampler']>(
      '<diffusion-sampler backend="wasm" steps="2"></diffusion-sampler>',
    );
    await sampler.generate();
    element.remove();
    await pause(100);
    expect(element.paused).to.equal(true);
    expect(element.iteration).to.equal(0);
  });

  it('never holds the page up for long', async () => {
    const tasks: number[] = [];
    const observer = new PerformanceObserver((list) => {
      tasks.push(...list.getEntries().map(({ duration }) => duration));
    });
    const element = await train('autoplay');
    await until(() => element.iteration > 100);
    observer.observe({ type: 'longtask' });
    const { iteration } = element;
    await until(() => element.iteration > iteration + 300);
    observer.disconnect();
    element.pause();
    expect(tasks).to.deep.equal([]);
  });

  for (const [attribute, value, word] of [
    ['data', 'cats', 'moons'],
    ['learning-rate', '0', 'above 0'],
    ['batch-size', '5000', '1 to 1024'],
    ['width', '1', '4 to 256'],
  ]) {
    it(`says what ${attribute}="${value}" should be, and works once it is mended`, async () => {
      const element = await train();
      const failed = nextEvent<Event & { error: { code: string; message: string } }>(
        element,
        'error',
      );
      element.setAttribute(attribute!, value!);
      await element.updateComplete;
      element.step();
      const { error } = await failed;
      expect(error.code).to.equal('invalid-option');
      expect(error.message).to.contain(word);
      element.removeAttribute(attribute!);
      await element.updateComplete;
      element.step();
      await until(() => element.iteration > 0);
      expect(element.error).to.equal(undefined);
    });
  }

  it('is accessible, from right to left too, and fits into 320 pixels', async () => {
    const element = await train();
    element.step();
    await until(() => element.iteration === 1);
    await expect(element).to.be.accessible();
    const box = await fixture<HTMLElement>(html`
      <div dir="rtl" style="width: 320px"><diffusion-train></diffusion-train></div>
    `);
    expect(box.scrollWidth).to.equal(320);
  });
});
