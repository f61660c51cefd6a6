// Every value of every option: it is accepted and does something, or is refused by name. What the golden
// trajectories do not cover is compared with the formula itself.
import { expect } from 'chai';
import {
  createScheduler,
  RePaintScheduler,
  TorchGenerator,
  type Scheduler,
  type Tensor,
} from '../../components/schedulers/index.js';
import { dims, largestDifference, sample0, tensor } from '../helpers/golden.js';

const classes = [
  'DDPMScheduler',
  'DDIMScheduler',
  'DDIMInverseScheduler',
  'PNDMScheduler',
  'LMSDiscreteScheduler',
  'EulerDiscreteScheduler',
  'EulerAncestralDiscreteScheduler',
  'HeunDiscreteScheduler',
  'DPMSolverMultistepScheduler',
  'DPMSolverSinglestepScheduler',
  'DEISMultistepScheduler',
  'UniPCMultistepScheduler',
  'LCMScheduler',
  'TCDScheduler',
  'FlowMatchEulerDiscreteScheduler',
  'RePaintScheduler',
] as const;
type ClassName = (typeof classes)[number];

const flow: ClassName[] = ['FlowMatchEulerDiscreteScheduler'];
const solvers: ClassName[] = [
  'DPMSolverMultistepScheduler',
  'DPMSolverSinglestepScheduler',
  'DEISMultistepScheduler',
  'UniPCMultistepScheduler',
];
const dpm: ClassName[] = ['DPMSolverMultistepScheduler', 'DPMSolverSinglestepScheduler'];
const spaced = classes.filter(
  (name) => !/LCM|TCD|Flow|RePaint|Singlestep/.test(name), // their timesteps follow other rules
);
const uneven = spaced.filter((name) => !/PNDM|Inverse/.test(name));
const respaced: ClassName[] = [
  'LMSDiscreteScheduler',
  'EulerDiscreteScheduler',
  'HeunDiscreteScheduler',
  ...solvers,
  ...flow,
];
const except = (...left: ClassName[]) => classes.filter((name) => !left.includes(name));

interface Option {
  readonly values: readonly unknown[];
  readonly on: readonly ClassName[];
  /** Options that these values need beside them. */
  readonly beside?: object;
  /** A class that knows the option, but not this value. */
  readonly refused?: readonly [ClassName, unknown];
}

const options: Record<string, Option> = {
  num_train_timesteps: { values: [100, 1000], on: classes },
  beta_schedule: {
    values: ['linear', 'scaled_linear', 'squaredcos_cap_v2', 'sigmoid'],
    on: except(...flow),
    beside: { prediction_type: 'v_prediction' },
    refused: ['DDPMScheduler', 'cubic'],
  },
  beta_start: { values: [0.0001, 0.001], on: except(...flow) },
  beta_end: { values: [0.012, 0.02], on: except(...flow) },
  trained_betas: {
    values: [Array.from({ length: 1000 }, (_, i) => 1e-4 + i * 1e-5)],
    on: except(...flow),
    refused: ['DDIMScheduler', [0.1]],
  },
  prediction_type: {
    values: ['epsilon', 'v_prediction'],
    on: except(...flow),
    refused: ['EulerAncestralDiscreteScheduler', 'sample'],
  },
  timestep_spacing: {
    values: ['leading', 'trailing'],
    on: spaced,
    refused: ['DDIMInverseScheduler', 'linspace'],
  },
  timestep_power: { values: [1, 1.5, 2], on: uneven, beside: { timestep_spacing: 'power' } },
  contrast_gain: { values: [0, 0.5, 1], on: ['DDIMScheduler'], refused: ['DDIMScheduler', 'much'] },
  steps_offset: { values: [0, 1], on: spaced, beside: { timestep_spacing: 'leading' } },
  set_alpha_to_one: { values: [true, false], on: ['DDIMScheduler', 'PNDMScheduler'] },
  rescale_betas_zero_snr: {
    values: [true, false],
    on: ['DDPMScheduler', 'DDIMScheduler', 'EulerDiscreteScheduler', 'UniPCMultistepScheduler'],
    beside: { prediction_type: 'v_prediction', timestep_spacing: 'trailing' },
  },
  clip_sample: {
    values: [true, false],
    on: ['DDPMScheduler', 'DDIMScheduler', 'HeunDiscreteScheduler', 'LCMScheduler'],
  },
  clip_sample_range: {
    values: [0.5, 1],
    on: ['DDPMScheduler', 'DDIMScheduler'],
    refused: ['DDPMScheduler', '1'],
  },
  thresholding: {
    values: [true, false],
    on: ['DDPMScheduler', 'DDIMScheduler', 'LCMScheduler', ...solvers],
    beside: { dynamic_thresholding_ratio: 0.9, sample_max_value: 3 },
  },
  variance_type: {
    values: ['fixed_small', 'fixed_small_log', 'fixed_large', 'fixed_large_log'],
    on: ['DDPMScheduler'],
    refused: ['DDPMScheduler', 'fixed'],
  },
  solver_order: { values: [1, 2, 3], on: solvers, refused: ['DEISMultistepScheduler', 4] },
  algorithm_type: {
    values: ['dpmsolver', 'dpmsolver++', 'sde-dpmsolver', 'sde-dpmsolver++'],
    on: dpm,
    beside: { final_sigmas_type: 'sigma_min' },
    refused: ['DPMSolverMultistepScheduler', 'dpmsolver+++'],
  },
  solver_type: {
    values: ['midpoint', 'heun'],
    on: dpm,
    refused: ['UniPCMultistepScheduler', 'bh3'],
  },
  lower_order_final: {
    values: [true, false],
    on: solvers,
    beside: { final_sigmas_type: 'sigma_min' },
  },
  euler_at_final: {
    values: [true, false],
    on: ['DPMSolverMultistepScheduler'],
    beside: { final_sigmas_type: 'sigma_min', lower_order_final: false },
  },
  final_sigmas_type: {
    values: ['zero', 'sigma_min'],
    on: ['EulerDiscreteScheduler', 'UniPCMultistepScheduler', ...dpm],
    refused: ['EulerDiscreteScheduler', 'one'],
  },
  use_karras_sigmas: {
    values: [true, false],
    on: respaced,
    refused: ['EulerDiscreteScheduler', 'yes'],
  },
  use_exponential_sigmas: { values: [true, false], on: respaced },
  use_beta_sigmas: { values: [true, false], on: respaced },
  use_lu_lambdas: { values: [true, false], on: ['DPMSolverMultistepScheduler'] },
  use_flow_sigmas: {
    values: [true],
    on: solvers,
    beside: { prediction_type: 'flow_prediction', flow_shift: 3 },
  },
  lambda_min_clipped: { values: ['-inf', -5.1], on: dpm },
  interpolation_type: {
    values: ['linear', 'log_linear'],
    on: ['EulerDiscreteScheduler'],
    refused: ['EulerDiscreteScheduler', 'cubic'],
  },
  timestep_type: {
    values: ['discrete', 'continuous'],
    on: ['EulerDiscreteScheduler'],
    beside: { prediction_type: 'v_prediction' },
    refused: ['EulerDiscreteScheduler', 'whole'],
  },
  skip_prk_steps: { values: [true, false], on: ['PNDMScheduler'] },
  predict_x0: {
    values: [true, false],
    on: ['UniPCMultistepScheduler'],
    beside: { final_sigmas_type: 'sigma_min' },
    refused: ['UniPCMultistepScheduler', false],
  },
  disable_corrector: { values: [[], [0, 1]], on: ['UniPCMultistepScheduler'] },
  original_inference_steps: { values: [50, 100], on: ['LCMScheduler', 'TCDScheduler'] },
  timestep_scaling: { values: [10, 0.1], on: ['LCMScheduler'] },
  shift: { values: [1, 3], on: flow },
  shift_terminal: { values: [null, 0.1], on: flow },
  invert_sigmas: { values: [false, true], on: flow },
  stochastic_sampling: { values: [false, true], on: flow },
  time_shift_type: { values: ['exponential', 'linear'], on: flow, refused: [flow[0]!, 'cubic'] },
  eta: { values: [0, 1], on: ['RePaintScheduler'] },
};

/** Values that change nothing: what they stand for is the same number. */
const alike = new Set([
  'fixed_small_log',
  'fixed_large_log',
  'time_shift_type',
  'lambda_min_clipped',
]);

const model = ({ data }: Tensor, t: number): Tensor => ({
  data: data.map((x) => Math.tanh(x) * (t / 1000 + 0.1)),
  dims,
});

const picture = tensor(sample0.map((value) => value / 2));
const mask = tensor(sample0.map((_, i) => i % 2));

function draw(scheduler: Scheduler): Float32Array {
  if (scheduler instanceof RePaintScheduler) scheduler.setTimesteps(6, 2, 2);
  else scheduler.setTimesteps(6);
  const generator = new TorchGenerator(1);
  let x = tensor(sample0.map((value) => value * scheduler.initNoiseSigma));
  let highest = -1;
  scheduler.timesteps.forEach((t, i) => {
    if (scheduler instanceof RePaintScheduler) {
      if (t > highest && i > 0) {
        x = scheduler.undoStep(x, scheduler.timesteps[i - 1]!, { generator });
      } else {
        const output = model(x, t);
        x = scheduler.step(output, t, x, picture, mask, { generator }).prevSample;
      }
      highest = t;
      return;
    }
    const output = model(scheduler.scaleModelInput(x, t), t);
    x = scheduler.step(output, t, x, { generator }).prevSample;
  });
  return x.data;
}

describe('every option value', () => {
  for (const [key, { values, on, beside, refused }] of Object.entries(options)) {
    for (const _class_name of on) {
      it(`${key} on ${_class_name}: ${values.map((value) => shown(value)).join(', ')}`, async () => {
        const results = [];
        for (const value of values) {
          const config = { _class_name, ...beside, [key]: value };
          const result = draw(await createScheduler(config));
          expect(result.every(Number.isFinite), String(value)).to.equal(true);
          results.push(result);
        }
        const [first, ...others] = results;
        others.forEach((other, i) => {
          if (alike.has(key) || alike.has(String(values[i + 1]))) return;
          expect(largestDifference(first!, other), shown(values[i + 1])).to.be.above(1e-7);
        });
      });
    }
    if (!refused) continue;
    const [_class_name, value] = refused;
    it(`${key} ${shown(value)} is refused by ${_class_name}`, async () => {
      const error = await createScheduler({ _class_name, [key]: value }).catch((e) => e);
      expect(error.code).to.equal('invalid-option');
      expect(error.message)
        .to.contain(key)
        .and.to.contain(Array.isArray(value) ? 'list' : String(value));
    });
  }

  it('refuses sde-dpmsolver of order 3', async () => {
    for (const _class_name of dpm) {
      const error = await createScheduler({
        _class_name,
        algorithm_type: 'sde-dpmsolver',
        solver_order: 3,
        final_sigmas_type: 'sigma_min',
      }).catch((e) => e);
      expect(error.message).to.match(/solver_order is 3.*sde-dpmsolver/);
    }
  });

  it('leaves alone what a class does not know', async () => {
    const plain = draw(await createScheduler({ _class_name: 'heun' }));
    const odd = { thresholding: true, rescale_betas_zero_snr: true, solver_type: 'bh2' };
    expect(draw(await createScheduler({ _class_name: 'heun', ...odd }))).to.deep.equal(plain);
  });
});

function shown(value: unknown): string {
  return Array.isArray(value) ? `${value.length} values` : JSON.stringify(value);
}

/** torch.quantile over sorted numbers. */
function quantile(values: Float32Array, ratio: number): number {
  const sorted = values.map(Math.abs).sort();
  const at = ratio * (sorted.length - 1);
  const low = sorted[Math.floor(at)]!;
  return low + (at % 1) * (sorted[Math.ceil(at)]! - low);
}

describe('formulas', () => {
  for (const ratio of [0, 0.5, 0.9, 0.995, 1]) {
    it(`of dynamic thresholding at ratio ${ratio}`, async () => {
      const scheduler = await createScheduler({
        _class_name: 'DDIMScheduler',
        prediction_type: 'sample',
        thresholding: true,
        dynamic_thresholding_ratio: ratio,
        sample_max_value: 1.7,
      });
      scheduler.setTimesteps(10);
      const output = new Float32Array(2 * 3 * 16);
      output.set(new TorchGenerator(9).randn(48), 0);
      output.set(new TorchGenerator(8).randn(48), 48);
      const x = { data: output, dims: [2, 3, 4, 4] };
      const { predOriginalSample } = scheduler.step(x, 900, x);
      for (const item of [0, 1]) {
        const values = output.subarray(item * 48, item * 48 + 48);
        const s = Math.min(Math.max(quantile(values, ratio), 1), 1.7);
        const wanted = values.map((value) => Math.max(-s, Math.min(s, value)) / s);
        const got = predOriginalSample.data.subarray(item * 48, item * 48 + 48);
        expect(largestDifference(got, wanted)).to.be.below(1e-6);
      }
    });
  }

  const noisy = { _class_name: 'DPMSolverMultistepScheduler', beta_schedule: 'squaredcos_cap_v2' };

  it('of lambda_min_clipped', async () => {
    const scheduler = await createScheduler({ ...noisy, lambda_min_clipped: -5.1 });
    scheduler.setTimesteps(10);
    const lambda = (t: number) => {
      const alphaCumprod = scheduler.alphasCumprod[t]!;
      return 0.5 * Math.log(alphaCumprod / (1 - alphaCumprod));
    };
    const [first] = scheduler.timesteps as [number];
    expect(lambda(first)).to.be.at.least(-5.1);
    expect(lambda(first + 1)).to.be.below(-5.1);
  });

  it('of uniform lambdas', async () => {
    const config = { _class_name: 'DPMSolverMultistepScheduler', use_lu_lambdas: true };
    const scheduler = (await createScheduler(config)) as Scheduler & { sigmas: number[] };
    scheduler.setTimesteps(10);
    const logs = scheduler.sigmas.slice(0, -1).map(Math.log);
    const gaps = logs.slice(1).map((log, i) => log - logs[i]!);
    gaps.forEach((gap) => expect(gap).to.be.closeTo(gaps[0]!, 1e-9));
    expect(scheduler.timesteps.every(Number.isInteger)).to.equal(true);
  });

  it('of flow sigmas, shifted', async () => {
    const config = { use_flow_sigmas: true, flow_shift: 3, prediction_type: 'flow_prediction' };
    const shifted = (sigma: number) => (3 * sigma) / (1 + 2 * sigma);
    const dpmSolver = await createScheduler({ ...noisy, ...config });
    dpmSolver.setTimesteps(4);
    const wanted = [0.999, 0.74925, 0.4995, 0.24975].map(shifted);
    const { sigmas } = dpmSolver as Scheduler & { sigmas: number[] };
    expect(largestDifference(sigmas, [...wanted, 0])).to.be.below(1e-6);
    expect(dpmSolver.timesteps).to.deep.equal(wanted.map((sigma) => Math.floor(sigma * 1000)));
  });

  it('of continuous timesteps', async () => {
    const scheduler = (await createScheduler({
      _class_name: 'EulerDiscreteScheduler',
      prediction_type: 'v_prediction',
      timestep_type: 'continuous',
    })) as Scheduler & { sigmas: number[] };
    scheduler.setTimesteps(5);
    const wanted = scheduler.sigmas.slice(0, -1).map((sigma) => Math.log(sigma) / 4);
    expect(scheduler.timesteps).to.deep.equal(wanted);
  });

  it('of zero terminal SNR: the last sigma is finite', async () => {
    const config = { prediction_type: 'v_prediction', rescale_betas_zero_snr: true };
    for (const _class_name of ['EulerDiscreteScheduler', 'DPMSolverMultistepScheduler']) {
      const scheduler = await createScheduler({ _class_name, ...config });
      expect(scheduler.alphasCumprod[999]).to.equal(2 ** -24);
    }
    const ddim = await createScheduler({ _class_name: 'DDIMScheduler', ...config });
    expect(ddim.alphasCumprod[999]).to.be.closeTo(0, 1e-12);
  });

  it('of a contrast gain: x_0 grows within its limit, and the noise is what it leaves', async () => {
    const step = async (contrast_gain: number) => {
      const config = {
        prediction_type: 'v_prediction',
        timestep_spacing: 'trailing',
        contrast_gain,
      };
      const scheduler = await createScheduler({ _class_name: 'DDIMScheduler', ...config });
      scheduler.setTimesteps(10);
      const v = tensor(sample0.map((value) => value / 3));
      const { prevSample, predOriginalSample } = scheduler.step(v, 499, tensor(sample0));
      const [from, to] = [scheduler.alphasCumprod[499]!, scheduler.alphasCumprod[399]!];
      return { from, to, prev: prevSample.data, original: predOriginalSample.data };
    };
    const plain = await step(0);
    const gained = await step(0.5);
    const { from, to } = gained;
    sample0.forEach((x, i) => {
      const v = Math.fround(x / 3);
      const unclipped = 1.05 * (Math.sqrt(from) * x - Math.sqrt(1 - from) * v);
      const original = Math.min(1, Math.max(-1, unclipped));
      const noise = (x - Math.sqrt(from) * original) / Math.sqrt(1 - from);
      expect(gained.original[i]).to.be.closeTo(original, 1e-5);
      expect(gained.prev[i]).to.be.closeTo(
        Math.sqrt(to) * original + Math.sqrt(1 - to) * noise,
        1e-5,
      );
      expect(Math.abs(gained.original[i]!)).to.be.at.least(Math.abs(plain.original[i]!) - 1e-6);
    });
  });

  it('of a learned variance', async () => {
    const predicted = { data: new Float32Array(96).fill(0.04), dims: [1, 6, 4, 4] };
    const noise = tensor(new Float32Array(48).fill(1));
    const step = async (variance_type: string) => {
      const scheduler = await createScheduler({ _class_name: 'DDPMScheduler', variance_type });
      scheduler.setTimesteps(10);
      return scheduler.step(predicted, 900, tensor(sample0), { noise }).prevSample.data;
    };
    const [learned, range] = [await step('learned'), await step('learned_range')];
    const fixed = async (type: string) => (await step(type)) as Float32Array;
    const [small, large] = [await fixed('fixed_small'), await fixed('fixed_large')];
    const clean = (await (async () => {
      const scheduler = await createScheduler({ _class_name: 'DDPMScheduler' });
      scheduler.setTimesteps(10);
      const silent = tensor(new Float32Array(48));
      return scheduler.step(predicted, 900, tensor(sample0), { noise: silent }).prevSample.data;
    })()) as Float32Array;
    const deviation = (x: Float32Array) => x[0]! - clean[0]!;
    expect(deviation(learned)).to.be.closeTo(0.2, 1e-5);
    const between = deviation(small) ** 0.48 * deviation(large) ** 0.52;
    expect(deviation(range)).to.be.closeTo(between, 1e-5);
  });
});
