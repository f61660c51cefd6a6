import { expect, fixture, html } from '@open-wc/testing';
import { sendKeys, sendMouse } from '@web/test-runner-commands';
import 'diffusion-elements';
import type { DiffusionSchedule } from 'diffusion-elements';
import { mount, until } from '../helpers/painting.js';
import { nextEvent } from '../helpers/pictures.js';

const schedule = async (attributes = '') => {
  const element = await mount<DiffusionSchedule>(
    `<diffusion-schedule loading="eager" ${attributes}></diffusion-schedule>`,
  );
  await until(() => element.shadowRoot!.querySelector('svg.chart') || element.error);
  await element.updateComplete;
  return element;
};

const all = (element: DiffusionSchedule, selector: string) => [
  ...element.shadowRoot!.querySelectorAll(selector),
];

const legend = (element: DiffusionSchedule) =>
  all(element, 'li').map((item) => item.textContent!.replace(/\s+/g, ' ').trim());

describe('<diffusion-schedule>', () => {
  it('plots each schedule, and reads its values', async () => {
    const element = await schedule(
      'beta-schedule="linear scaled_linear squaredcos_cap_v2 sigmoid" timestep="500"',
    );
    expect(all(element, 'path.line')).to.have.length(4);
    // torch.cumprod(1 - betas, 0)[500]
    expect(legend(element)).to.deep.equal([
      't = 500',
      'linear = 0.0778',
      'scaled_linear = 0.331',
      'squaredcos_cap_v2 = 0.492',
      'sigmoid = 0.299',
    ]);
  });

  it('plots betas and the logarithm of the signal-to-noise ratio', async () => {
    const element = await schedule('beta-schedule="linear" plot="betas" timestep="999"');
    expect(legend(element)[1]).to.equal('linear = 0.02');
    element.plot = 'snr';
    element.timestep = 0;
    await element.updateComplete;
    expect(legend(element)[1]).to.equal('linear = 9.21');
  });

  it('marks where the timesteps of a sampler fall', async () => {
    const element = await schedule('scheduler="ddim" steps="5"');
    await until(() => element.timesteps.length > 0);
    await element.updateComplete;
    expect(element.timesteps).to.deep.equal([800, 600, 400, 200, 0]);
    expect(all(element, '.visited')).to.have.length(5);
    element.scheduler = undefined;
    await until(() => element.timesteps.length === 0);
    await element.updateComplete;
    expect(all(element, '.visited')).to.have.length(0);
  });

  it('is read by keys, by a pointer, and as a table', async () => {
    const element = await schedule('beta-schedule="linear"');
    const events: string[] = [];
    element.addEventListener('input', () => events.push('input'));
    all(element, 'input')[0]!.scrollIntoView();
    (all(element, 'input')[0] as HTMLInputElement).focus();
    await sendKeys({ press: 'End' });
    await element.updateComplete;
    expect(element.timestep).to.equal(999);
    expect(all(element, 'input')[0]!.getAttribute('aria-valuetext')).to.equal(
      '999: linear 0.0000404',
    );
    const box = all(element, 'svg.chart')[0]!.getBoundingClientRect();
    await sendMouse({
      type: 'move',
      position: [Math.round(box.left + 44), Math.round(box.top + 100)],
    });
    await element.updateComplete;
    expect(element.timestep).to.be.at.most(2);
    expect(events.length).to.be.at.least(2);
    const cells = all(element, 'tbody tr').map((row) =>
      row.textContent!.replace(/\s+/g, ' ').trim(),
    );
    expect(cells).to.have.length(11);
    expect(cells[0]).to.equal('0 1');
  });

  for (const [attribute, value, word, mended] of [
    ['plot', 'gammas', 'alphas-cumprod', 'betas'],
    ['beta-schedule', 'cosine', 'squaredcos_cap_v2', 'linear'],
    ['num-train-timesteps', '0', '2 to 10000', '100'],
    ['timestep', '-1', '0 to 999', '1'],
    ['scheduler', 'magic', 'ddim', 'euler'],
    ['steps', '0', '1 to 1000', '3'],
  ] as const) {
    it(`says what ${attribute}="${value}" should be, and works once it is mended`, async () => {
      const element = await schedule('scheduler="ddim" steps="4"');
      const failed = nextEvent<Event & { error: { message: string } }>(element, 'error');
      element.setAttribute(attribute, value);
      expect((await failed).error.message).to.contain(word);
      element.setAttribute(attribute, mended);
      await until(() => !element.error);
    });
  }

  it('is accessible, fits into 320 pixels, and its time runs to the right in every script', async () => {
    const element = await schedule('scheduler="ddim"');
    await expect(element).to.be.accessible();
    const box = await fixture<HTMLElement>(html`
      <div dir="rtl" style="width: 320px">
        <diffusion-schedule loading="eager"></diffusion-schedule>
      </div>
    `);
    const inner = box.querySelector<DiffusionSchedule>('diffusion-schedule')!;
    await until(() => inner.shadowRoot!.querySelector('svg.chart'));
    expect(box.scrollWidth).to.equal(320);
    expect(getComputedStyle(inner.shadowRoot!.querySelector('svg.chart')!).direction).to.equal(
      'ltr',
    );
    await expect(inner).to.be.accessible();
  });
});
