// Methods against the exact path of a Gaussian: for data of deviation 0.5, the best prediction is linear in x_t,
// and x_t keeps its ratio to the deviation of q(x_t).
import { expect } from 'chai';
import { createScheduler, type Scheduler, type Tensor } from '../../components/schedulers/index.js';
import { dims } from '../helpers/golden.js';

const DATA = 0.5;

/** After 49 points, by order; a wrong coefficient leaves ten times as much. */
const LARGEST_ERROR = [NaN, 0.035, 0.0045, 0.0004];

interface WithSigmas extends Scheduler {
  readonly sigmas: number[];
}

/** The relative error at the last of `steps` points, evenly spaced in log sigma. */
async function errorAfter(config: object, steps: number): Promise<number> {
  const scheduler = (await createScheduler({
    beta_schedule: 'scaled_linear',
    beta_start: 0.00085,
    beta_end: 0.012,
    final_sigmas_type: 'sigma_min',
    use_exponential_sigmas: true,
    ...config,
  })) as WithSigmas;
  scheduler.setTimesteps(steps);
  const ratios = scheduler.sigmas.slice(0, steps);
  // sigma / alpha to the deviation of q(x_t), and to the factor of the best epsilon.
  const deviation = (ratio: number) => Math.hypot(DATA, ratio) / Math.hypot(1, ratio);
  const factor = (ratio: number) => (ratio * Math.hypot(1, ratio)) / (DATA ** 2 + ratio ** 2);
  let x: Tensor = { data: new Float32Array(48).fill(deviation(ratios[0]!)), dims };
  scheduler.timesteps.slice(0, -1).forEach((t, i) => {
    const output = { data: x.data.map((value) => value * factor(ratios[i]!)), dims };
    x = scheduler.step(output, t, x).prevSample;
  });
  return Math.abs(x.data[0]! / deviation(ratios.at(-1)!) - 1);
}

describe('methods converge to the exact path at their order', () => {
  const solvers: [string, object, number][] = [];
  for (const order of [1, 2, 3]) {
    for (const algorithm_type of ['dpmsolver', 'dpmsolver++']) {
      for (const solver_type of ['midpoint', 'heun']) {
        for (const _class_name of ['DPMSolverMultistepScheduler', 'DPMSolverSinglestepScheduler']) {
          solvers.push([
            `${_class_name}, ${algorithm_type}, ${solver_type}`,
            {
              _class_name,
              algorithm_type,
              solver_type,
              solver_order: order,
              lower_order_final: false,
            },
            order,
          ]);
        }
      }
    }
    solvers.push(['DEIS', { _class_name: 'DEISMultistepScheduler', solver_order: order }, order]);
    for (const solver_type of ['bh1', 'bh2']) {
      for (const predict_x0 of [true, false]) {
        const config = { _class_name: 'UniPCMultistepScheduler', solver_type, predict_x0 };
        solvers.push([
          `UniPC, ${solver_type}, ${predict_x0 ? 'x0' : 'epsilon'}`,
          { ...config, solver_order: order, lower_order_final: false },
          order,
        ]);
      }
    }
  }
  for (const [name, config, order] of solvers) {
    it(`${name}, order ${order}`, async () => {
      const [coarse, fine] = [await errorAfter(config, 13), await errorAfter(config, 49)];
      expect(fine).to.be.below(LARGEST_ERROR[order]!);
      expect(coarse / fine).to.be.above(3);
    });
  }
});
