import { invalidOption } from '../errors.js';
import { kernels } from '../kernels/kernels.js';
import type { Tensor } from '../kernels/arena.js';
import { dynamicShift, shiftSigma, stretchToTerminal, type FlowTimesteps } from './flow-sigmas.js';
import type { History } from './history.js';
import { solveLinear } from './linear-system.js';
import { linspace } from './noise-schedules.js';
import { FLOW_PREDICTION } from './prediction.js';
import type { StepOptions, StepOutput } from './scheduler.js';
import type { SchedulerConfig } from './scheduler-config.js';
import type { SigmaSpacing } from './sigma-spacing.js';
import { SolverScheduler, type Point } from './solver-scheduler.js';

const PURE_NOISE_MARGIN = 1e-6;

/** x_t = sample x_s + Σ outputs[i] m_i, with a term for the output at t itself where there is one. */
interface Update {
  readonly sample: number;
  readonly outputs: readonly number[];
}

/**
 * "UniPC: A Unified Predictor-Corrector Framework" (Zhao et al. 2023, arXiv:2302.04867, algorithms 5 to 8): each
 * model output first corrects the sample it was made from, then predicts the next one.
 */
export class UniPCMultistepScheduler extends SolverScheduler {
  readonly #outputs: History;
  // The sample that the last prediction started from.
  readonly #last = this.history(1);
  #order = 0;

  constructor(config: SchedulerConfig) {
    super(config);
    const { solverOrder, predictX0, predictionType, lowerOrderFinal, finalSigmasType } = config;
    if (!predictX0 && predictionType === FLOW_PREDICTION) {
      throw invalidOption('predict_x0', false, `true with ${FLOW_PREDICTION}`);
    }
    if (finalSigmasType === 'zero') {
      const allowed = 'true with final_sigmas_type zero';
      if (!predictX0) throw invalidOption('predict_x0', false, allowed);
      if (!lowerOrderFinal && solverOrder > 1) {
        throw invalidOption('lower_order_final', false, allowed);
      }
    }
    this.#outputs = this.history(solverOrder + 1);
  }

  override step(
    modelOutput: Tensor,
    timestep: number,
    sample: Tensor,
    options: StepOptions = {},
  ): StepOutput {
    const { solverOrder, lowerOrderFinal, predictX0, disableCorrector } = this.config;
    const index = this.advance(timestep);
    const call = this.begin(modelOutput, sample, options);
    const size = call.items * call.length;
    this.convert(call, index, this.#outputs.next(size), predictX0 ? 'x0' : 'epsilon');

    const corrects = this.#last.length > 0 && !disableCorrector.includes(index - 1);
    if (corrects) {
      const start = this.#last.at(0);
      this.#apply(start, start, this.#corrector(index), size);
    } else {
      this.#last.push(call.sample, size);
    }

    const left = this.timesteps.length - index;
    const wanted = lowerOrderFinal ? Math.min(solverOrder, left) : solverOrder;
    this.#order = Math.min(wanted, this.#outputs.length);
    this.#apply(call.prev, this.#last.at(0), this.#predictor(index), size);
    return this.finish(sample, options);
  }

  protected override restart(): void {
    this.#outputs.clear();
    this.#last.clear();
    this.#order = 0;
  }

  protected override get thresholding(): boolean {
    return this.config.thresholding && this.config.predictX0;
  }

  protected override respaced(spacing: SigmaSpacing, count: number): number[] {
    const sigmas = super.respaced(spacing, count);
    const straight = this.config.useFlowSigmas && this.config.useKarrasSigmas;
    return straight ? sigmas.map((sigma) => sigma / (sigma + 1)) : sigmas;
  }

  protected override flowSigmas({ sigmas, mu }: FlowTimesteps, count: number): number[] {
    const { numTrainTimesteps, flowShift, useDynamicShifting } = this.config;
    const { timeShiftType, shiftTerminal } = this.config;
    const even = sigmas ?? linspace(1, 1 / numTrainTimesteps, count + 1).slice(0, -1);
    const shifted = stretchToTerminal(
      even.map((sigma) =>
        useDynamicShifting ? dynamicShift(sigma, timeShiftType, mu) : shiftSigma(sigma, flowShift),
      ),
      shiftTerminal,
    );
    // At sigma 1 there is no signal, and lambda would be infinite.
    if (Math.abs(shifted[0]! - 1) < PURE_NOISE_MARGIN) shifted[0]! -= PURE_NOISE_MARGIN;
    return shifted;
  }

  protected override finalSigma(smallest: number): number {
    return this.config.finalSigmasType === 'sigma_min' ? smallest : super.finalSigma(smallest);
  }

  #apply(out: number, sample: number, update: Update, size: number): void {
    const k = kernels();
    update.outputs.forEach((factor, age) => {
      if (age > 0 && factor === 0) return;
      const [from, scale] = age === 0 ? [sample, update.sample] : [out, 1];
      k.combine2(out, from, scale, this.#outputs.at(age), factor, size);
    });
  }

  /** From this timestep to the next one, with the newest outputs. */
  #predictor(index: number): Update {
    const order = this.#order;
    const points = Array.from({ length: order }, (_, age) => this.point(index - age));
    return this.#update(this.point(index + 1), points, (b, rows) => {
      if (order === 2) return [0.5];
      return order === 1
        ? []
        : solveLinear(
            rows.slice(0, -1).map((row) => row.slice(0, -1)),
            b.slice(0, -1),
          );
    });
  }

  /** From the last timestep to this one again, now that the output here is known. */
  #corrector(index: number): Update {
    const order = this.#order;
    const points = Array.from({ length: order }, (_, age) => this.point(index - 1 - age));
    return this.#update(this.point(index), points, (b, rows) =>
      order === 1 ? [0.5] : solveLinear(rows, b),
    );
  }

  /**
   * B(h) methods: `weigh` solves for the weights rho of the differences D_i = (m_i - m_0) / r_i. Where it gives
   * one more than there are older outputs, that one belongs to the output at `t`, which is then number 0.
   */
  #update(
    t: Point,
    points: readonly Point[],
    weigh: (b: number[], rows: number[][]) => number[],
  ): Update {
    const { predictX0, solverType } = this.config;
    const [s, ...older] = points as [Point, ...Point[]];
    const h = t.lambda - s.lambda;
    const hh = predictX0 ? -h : h;
    const phi1 = Math.expm1(hh);
    const scale = solverType === 'bh1' ? hh : phi1;
    const ratios = [...older.map(({ lambda }) => (lambda - s.lambda) / h), 1];
    const rows: number[][] = [];
    const b: number[] = [];
    let phi = phi1 / hh - 1;
    let factorial = 1;
    for (let i = 1; i <= points.length; i++) {
      rows.push(ratios.map((ratio) => ratio ** (i - 1)));
      b.push((phi * factorial) / scale);
      factorial *= i + 1;
      phi = phi / hh - 1 / factorial;
    }
    const rho = weigh(b, rows);
    const factor = predictX0 ? t.alpha : t.sigma;
    const differences = rho.map((weight, i) => (-factor * scale * weight) / ratios[i]!);
    const newest = -factor * phi1 - differences.reduce((sum, d) => sum + d, 0);
    const olderFactors = differences.slice(0, older.length);
    const atTarget = differences.slice(older.length);
    return {
      sample: predictX0 ? t.sigma / s.sigma : t.alpha / s.alpha,
      outputs: [...atTarget, newest, ...olderFactors],
    };
  }
}
