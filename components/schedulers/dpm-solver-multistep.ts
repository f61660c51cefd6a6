import { kernels } from '../kernels/kernels.js';
import type { Tensor } from '../kernels/arena.js';
import { checkAlgorithm, dpmSolverUpdate } from './dpm-solver.js';
import type { History } from './history.js';
import type { StepOptions, StepOutput } from './scheduler.js';
import type { SchedulerConfig } from './scheduler-config.js';
import { exponentialSigmas, type SigmaSpacing } from './sigma-spacing.js';
import { SolverScheduler } from './solver-scheduler.js';

/** Up to so many steps the last ones are of lower order, for stability. */
const FEW_STEPS = 15;

/** DPM-Solver and DPM-Solver++ (Lu et al. 2022, arXiv:2206.00927 and 2211.01095), multistep, order 1 to 3. */
export class DPMSolverMultistepScheduler extends SolverScheduler {
  readonly #outputs: History;

  constructor(config: SchedulerConfig) {
    super(config);
    checkAlgorithm(config);
    this.#outputs = this.history(config.solverOrder);
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

    const order = this.#order(index);
    const points = Array.from({ length: order }, (_, age) => this.point(index - age));
    const update = dpmSolverUpdate(this.config, 'multistep', this.point(index + 1), points);
    const k = kernels();
    const [c0, c1, c2] = update.outputs as [number, number?, number?];
    const m0 = this.#outputs.at(0);
    if (c1 === undefined) {
      k.combine2(call.prev, call.sample, update.sample, m0, c0, size);
    } else if (c2 === undefined) {
      k.combine3(call.prev, call.sample, update.sample, m0, c0, this.#outputs.at(1), c1, size);
    } else {
      const [m1, m2] = [this.#outputs.at(1), this.#outputs.at(2)];
      k.combine4(call.prev, call.sample, update.sample, m0, c0, m1, c1, m2, c2, size);
    }
    if (algorithmType.startsWith('sde')) {
      k.combine2(call.prev, call.prev, 1, this.noise(sample, options), update.noise, size);
    }
    return this.finish(sample, options);
  }

  protected override restart(): void {
    this.#outputs.clear();
  }

  protected override get spacing(): SigmaSpacing | undefined {
    return this.config.useLuLambdas ? exponentialSigmas : super.spacing;
  }

  protected override get roundsTimesteps(): boolean {
    const { useKarrasSigmas, useLuLambdas, betaSchedule } = this.config;
    return (useKarrasSigmas || useLuLambdas) && betaSchedule !== 'squaredcos_cap_v2';
  }

  /** The order of the step at this index: no more than there are outputs, and lower at the end. */
  #order(index: number): number {
    const { solverOrder, lowerOrderFinal, eulerAtFinal, finalSigmasType } = this.config;
    const count = this.timesteps.length;
    const gentle = lowerOrderFinal && count < FEW_STEPS;
    if (index === count - 1 && (eulerAtFinal || gentle || finalSigmasType === 'zero')) return 1;
    const available = Math.min(solverOrder, this.#outputs.length);
    return index === count - 2 && gentle ? Math.min(available, 2) : available;
  }
}
