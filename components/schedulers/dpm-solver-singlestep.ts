import { kernels } from '../kernels/kernels.js';
import type { Tensor } from '../kernels/arena.js';
import { checkAlgorithm, dpmSolverUpdate } from './dpm-solver.js';
import type { FlowTimesteps } from './flow-sigmas.js';
import type { History } from './history.js';
import { linspace } from './noise-schedules.js';
import type { StepOptions, StepOutput } from './scheduler.js';
import type { SchedulerConfig } from './scheduler-config.js';
import { SolverScheduler } from './solver-scheduler.js';
import { checkStepCount, roundHalfToEven } from './timestep-spacing.js';

/**
 * DPM-Solver and DPM-Solver++ (Lu et al. 2022, arXiv:2206.00927 and 2211.01095), singlestep, order 1 to 3: groups of
 * as many timesteps as the order, in which every update starts from the group's first sample.
 */
export class DPMSolverSinglestepScheduler extends SolverScheduler {
  readonly #outputs: History;
  // The sample that the group of steps starts from.
  readonly #start = this.history(1);
  #orders: number[] = [];

  constructor(config: SchedulerConfig) {
    super(config);
    checkAlgorithm(config);
    this.#outputs = this.history(config.solverOrder);
  }

  override setTimesteps(steps: number | FlowTimesteps): void {
    super.setTimesteps(steps);
    this.#orders = this.#ordersOf(this.timesteps.length);
  }

  override step(
    modelOutput: Tensor,
    timestep: number,
    sample: Tensor,
    options: StepOptions = {},
  ): StepOutput {
    const { algorithmType } = this.config;
    const index = this.advance(timestep);
    const call = this.begin(modelOutput, sample, options);
    const size = call.items * call.length;
    const kind = algorithmType.endsWith('++') ? 'x0' : 'epsilon';
    this.convert(call, index, this.#outputs.next(size), kind);

    // A run that starts part-way has no group to finish.
    const order = Math.min(this.#orders[index]!, this.#outputs.length);
    if (order === 1) {
      this.#start.clear();
      this.#start.push(call.sample, size);
    }
    const points = Array.from({ length: order }, (_, age) => this.point(index - age));
    const update = dpmSolverUpdate(this.config, 'singlestep', this.point(index + 1), points);
    const k = kernels();
    const { outputs, sample: factor, noise } = update;
    k.combine2(call.prev, this.#start.at(0), factor, this.#outputs.at(0), outputs[0]!, size);
    for (let age = 1; age < order; age++) {
      k.combine2(call.prev, call.prev, 1, this.#outputs.at(age), outputs[age]!, size);
    }
    if (algorithmType.startsWith('sde')) {
      k.combine2(call.prev, call.prev, 1, this.noise(sample, options), noise, size);
    }
    return this.finish(sample, options);
  }

  protected override restart(): void {
    this.#outputs.clear();
    this.#start.clear();
  }

  protected override visited(steps: number): number[] {
    checkStepCount(steps, this.config.numTrainTimesteps);
    return linspace(0, this.lastTimestep - 1, steps + 1)
      .map(roundHalfToEven)
      .slice(1)
      .reverse();
  }

  /** The order of each step: 1, 2, … in turn, and lower at the end where that is wanted or needed. */
  #ordersOf(count: number): number[] {
    const { solverOrder, lowerOrderFinal, finalSigmasType } = this.config;
    const whole = Math.floor(count / solverOrder);
    const rest = count % solverOrder;
    const group = Array.from({ length: solverOrder }, (_, i) => i + 1);
    const groups = (n: number) => Array.from({ length: n }, () => group).flat();
    const gentle = lowerOrderFinal || rest > 0 || finalSigmasType === 'zero';
    if (!gentle || solverOrder === 1) return groups(whole);
    if (rest > 0) {
      const last = group.slice(0, rest);
      // Towards sigma 0 only the first order has finite numbers.
      if (finalSigmasType === 'zero') last[rest - 1] = 1;
      return [...groups(whole), ...last];
    }
    return [...groups(whole - 1), ...group.slice(0, -1), 1];
  }
}
