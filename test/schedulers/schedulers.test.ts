import { expect } from 'chai';
import {
  createScheduler,
  RePaintScheduler,
  schedulerNames,
  TorchGenerator,
  type Generator,
  type Scheduler,
  type Tensor,
} from '../../components/schedulers/index.js';
import { largestDifference, sample0, tensor } from '../helpers/golden.js';

/** diffusers' dummy sample: the numbers 0 to 767 over 768, shaped 3x8x8x4 and permuted to 4x3x8x8. */
function dummySample(): Tensor {
  const data = new Float32Array(768);
  for (let n = 0; n < 4; n++) {
    for (let rest = 0; rest < 192; rest++) data[n * 192 + rest] = (rest * 4 + n) / 768;
  }
  return { data, dims: [4, 3, 8, 8] };
}

const dummyModel = ({ data, dims }: Tensor, t: number) => ({
  data: data.map((x) => (x * t) / (t + 1)),
  dims,
});

function sums({ data }: Tensor): { sum: number; mean: number } {
  const sum = data.reduce((total, x) => total + Math.abs(x), 0);
  return { sum, mean: sum / data.length };
}

const linear = { beta_schedule: 'linear', beta_start: 0.0001, beta_end: 0.02 };

describe('sums that diffusers publishes in its tests', () => {
  it('are those of DDIM over 10 steps', async () => {
    const ddim = await createScheduler({ _class_name: 'DDIMScheduler', ...linear });
    ddim.setTimesteps(10);
    let x = dummySample();
    for (const t of ddim.timesteps) x = ddim.step(dummyModel(x, t), t, x).prevSample;
    expect(sums(x).sum).to.be.closeTo(172.0067, 1e-2);
    expect(sums(x).mean).to.be.closeTo(0.223967, 1e-4);
  });

  it('are those of DDPM over 1000 steps with the generator seeded 0', async () => {
    const ddpm = await createScheduler({ _class_name: 'DDPMScheduler', ...linear });
    ddpm.setTimesteps(1000);
    const generator = new TorchGenerator(0);
    let x = dummySample();
    for (const t of ddpm.timesteps) x = ddpm.step(dummyModel(x, t), t, x, { generator }).prevSample;
    expect(sums(x).sum).to.be.closeTo(258.9606, 1e-2);
    expect(sums(x).mean).to.be.closeTo(0.3372, 1e-3);
  });

  it('are those of UniPC of order 2 with bh2 over 10 steps', async () => {
    const unipc = await createScheduler({
      _class_name: 'UniPCMultistepScheduler',
      ...linear,
      solver_order: 2,
      solver_type: 'bh2',
      final_sigmas_type: 'sigma_min',
    });
    unipc.setTimesteps(10);
    let x = dummySample();
    for (const t of unipc.timesteps) x = unipc.step(dummyModel(x, t), t, x).prevSample;
    expect(sums(x).mean).to.be.closeTo(0.2464, 1e-3);
  });

  it('are those of LCM in one step', async () => {
    const lcm = await createScheduler({ _class_name: 'LCMScheduler' });
    lcm.setTimesteps(1);
    const x = dummySample();
    const [t] = lcm.timesteps as [number];
    expect(sums(lcm.step(dummyModel(x, t), t, x).prevSample).sum).to.be.closeTo(18.7097, 1e-2);
  });
});

const picture = tensor(sample0.map((value) => value / 2));
const mask = tensor(sample0.map((_, i) => i % 2));

/** One step of any scheduler with the dummy model; RePaint is given a picture and a mask. */
function stepOnce(scheduler: Scheduler, t: number, x: Tensor, generator: Generator): Tensor {
  const output = dummyModel(x, t);
  const { prevSample } =
    scheduler instanceof RePaintScheduler
      ? scheduler.step(output, t, x, picture, mask, { generator })
      : scheduler.step(output, t, x, { generator });
  return prevSample;
}

describe('every scheduler', () => {
  for (const name of schedulerNames) {
    it(`starts afresh after setTimesteps (${name})`, async () => {
      const scheduler = await createScheduler({ _class_name: name });
      const run = () => {
        scheduler.setTimesteps(5);
        const generator = new TorchGenerator(1);
        let x: Tensor = tensor(sample0);
        for (const t of scheduler.timesteps) {
          x = stepOnce(scheduler, t, x, generator);
        }
        return x.data;
      };
      expect(run()).to.deep.equal(run());
    });

    it(`names the timestep and the list where they do not match (${name})`, async () => {
      const scheduler = await createScheduler({ _class_name: name });
      const x = tensor(sample0);
      expect(() => scheduler.step(x, 900, x)).to.throw(/900.*empty.*setTimesteps/s);
      scheduler.setTimesteps(2);
      expect(() => scheduler.step(x, 901, x)).to.throw(
        new RegExp(`901 is not in the scheduler's list \\(.*${scheduler.timesteps[1]}.*\\)`, 's'),
      );
    });

    it(`takes each item of a batch as it would alone, a learned variance behind it (${name})`, async () => {
      const draw = async (...seeds: number[]) => {
        const scheduler = await createScheduler({ _class_name: name });
        scheduler.setTimesteps(6);
        const spread = (data: readonly Float32Array[], channels: number) => ({
          data: Float32Array.from(data.flatMap((each) => [...each])),
          dims: [seeds.length, channels, 4, 4],
        });
        const each = (make: (seed: number) => Float32Array) => spread(seeds.map(make), 3);
        const options = { noise: each((seed) => new TorchGenerator(seed + 9).randn(48)) };
        let x: Tensor = each((seed) => new TorchGenerator(seed).randn(48));
        for (const t of scheduler.timesteps) {
          const items = seeds.map((_, i) => x.data.slice(48 * i, 48 * i + 48));
          const outputs = items.map((item) =>
            Float32Array.from([...item.map((v) => Math.tanh(v)), ...item.map(() => 0.3)]),
          );
          const output = spread(outputs, 6);
          const known = each(() => picture.data);
          const hole = each(() => mask.data);
          x = (
            scheduler instanceof RePaintScheduler
              ? scheduler.step(output, t, x, known, hole, options)
              : scheduler.step(output, t, x, options)
          ).prevSample;
        }
        return x.data;
      };
      const alone = [...(await draw(1)), ...(await draw(2))];
      expect(largestDifference(await draw(1, 2), alone)).to.be.below(1e-6);
    });

    it(`keeps its results when it steps on (${name})`, async () => {
      const scheduler = await createScheduler({ _class_name: name });
      scheduler.setTimesteps(3);
      const generator = new TorchGenerator(1);
      const x = tensor(sample0);
      const [t0, t1] = scheduler.timesteps as [number, number];
      const first = stepOnce(scheduler, t0, x, generator);
      const copy = first.data.slice();
      stepOnce(scheduler, t1, first, generator);
      expect(first.data).to.deep.equal(copy);
    });
  }

  it('adds noise and gives velocities in closed form', async () => {
    const scheduler = await createScheduler({ _class_name: 'DDPMScheduler', ...linear });
    const x0 = tensor(sample0);
    const noise = tensor(new TorchGenerator(5).randn(48));
    const a = scheduler.alphasCumprod[400]!;
    const noised = scheduler.addNoise(x0, noise, 400);
    const velocity = scheduler.getVelocity(x0, noise, 400);
    const q = sample0.map((x, i) => Math.sqrt(a) * x + Math.sqrt(1 - a) * noise.data[i]!);
    const v = sample0.map((x, i) => Math.sqrt(a) * noise.data[i]! - Math.sqrt(1 - a) * x);
    expect(largestDifference(noised.data, q)).to.be.below(1e-6);
    expect(largestDifference(velocity.data, v)).to.be.below(1e-6);
    expect(() => scheduler.addNoise(x0, noise, 1000)).to.throw('1000');
  });
});

describe('what bad configurations get', () => {
  const bad: [string, object, RegExp][] = [
    ['an unknown class', { _class_name: 'NoScheduler' }, /NoScheduler.*ddim/],
    ['an unknown schedule', { beta_schedule: 'cubic' }, /beta_schedule.*cubic.*linear/],
    ['text for a number', { beta_start: '0.1' }, /beta_start.*0\.1.*number/],
    ['no training steps', { num_train_timesteps: 0 }, /num_train_timesteps is 0/],
    ['too few trained betas', { trained_betas: [0.1] }, /trained_betas.*1000/],
  ];
  for (const [what, config, message] of bad) {
    it(`is an invalid-option error for ${what}`, async () => {
      const error = await createScheduler({ _class_name: 'ddim', ...config }).catch((e) => e);
      expect(error.code).to.equal('invalid-option');
      expect(error.message).to.match(message);
    });
  }

  it('ignores keys it does not know', async () => {
    const scheduler = await createScheduler({ _class_name: 'ddim', _diffusers_version: '0.6.0' });
    expect(scheduler.config.numTrainTimesteps).to.equal(1000);
  });

  for (const [steps, message] of [
    [0, 'steps is 0'],
    [1001, 'steps is 1001'],
    [2.5, 'steps is 2.5'],
  ] as const) {
    it(`refuses ${steps} steps`, async () => {
      const scheduler = await createScheduler({ _class_name: 'ddim' });
      expect(() => scheduler.setTimesteps(steps)).to.throw(message);
    });
  }

  it('rounds timesteps to even, as numpy does', async () => {
    const config = { _class_name: 'ddim', timestep_spacing: 'linspace' };
    const scheduler = await createScheduler(config);
    scheduler.setTimesteps(7);
    expect(scheduler.timesteps).to.deep.equal([999, 832, 666, 500, 333, 166, 0]);
  });
});
