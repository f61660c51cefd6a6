import { invalidOption } from '../errors.js';
import { FLOW_PREDICTION } from './prediction.js';
import type { SchedulerConfig } from './scheduler-config.js';
import type { Point } from './solver-scheduler.js';

export const algorithmTypes = ['dpmsolver', 'dpmsolver++', 'sde-dpmsolver', 'sde-dpmsolver++'];

/** Throws where options of a DPM-Solver contradict each other. */
export function checkAlgorithm(config: SchedulerConfig): void {
  const { solverOrder, algorithmType, finalSigmasType, predictionType } = config;
  if (algorithmType === 'sde-dpmsolver' && solverOrder === 3) {
    throw invalidOption('solver_order', 3, '1 or 2 with algorithm_type sde-dpmsolver');
  }
  if (algorithmType.endsWith('++')) return;
  if (finalSigmasType === 'zero') {
    throw invalidOption(
      'final_sigmas_type',
      'zero',
      `sigma_min with algorithm_type ${algorithmType}`,
    );
  }
  if (predictionType === FLOW_PREDICTION) {
    throw invalidOption(
      'algorithm_type',
      algorithmType,
      `one that ends in ++ with ${FLOW_PREDICTION}`,
    );
  }
}

/** x_t = sample x_s + outputs[0] m_0 + outputs[1] m_1 + … + noise z; m_0 is the newest output. */
export interface Update {
  readonly sample: number;
  readonly outputs: readonly number[];
  readonly noise: number;
}

/** Factors of x_s, of D_0, D_1 and D_2, and of the noise. */
interface Terms {
  readonly sample: number;
  readonly d0: number;
  readonly d1: number;
  readonly d2: number;
  readonly noise: number;
}

/**
 * The factors of one step from `s` to `t` (Lu et al. 2022, "DPM-Solver++", eq. 9 and appendix A; the stochastic
 * forms as in diffusers). D_1 is weighted by half of D_0's weight, or by the integral.
 */
function terms(algorithm: string, half: boolean, t: Point, s: Point): Terms {
  const h = t.lambda - s.lambda;
  switch (algorithm) {
    case 'dpmsolver++': {
      const e = Math.expm1(-h);
      return {
        sample: t.sigma / s.sigma,
        d0: -t.alpha * e,
        d1: half ? -0.5 * t.alpha * e : t.alpha * (e / h + 1),
        d2: -t.alpha * ((e + h) / h ** 2 - 0.5),
        noise: 0,
      };
    }
    case 'dpmsolver': {
      const e = Math.expm1(h);
      return {
        sample: t.alpha / s.alpha,
        d0: -t.sigma * e,
        d1: half ? -0.5 * t.sigma * e : -t.sigma * (e / h - 1),
        d2: -t.sigma * ((e - h) / h ** 2 - 0.5),
        noise: 0,
      };
    }
    case 'sde-dpmsolver++': {
      const e = -Math.expm1(-2 * h);
      return {
        sample: (t.sigma / s.sigma) * Math.exp(-h),
        d0: t.alpha * e,
        d1: half ? 0.5 * t.alpha * e : t.alpha * (e / (-2 * h) + 1),
        d2: t.alpha * ((e - 2 * h) / (2 * h) ** 2 - 0.5),
        noise: t.sigma * Math.sqrt(e),
      };
    }
    case 'sde-dpmsolver': {
      const e = Math.expm1(h);
      return {
        sample: t.alpha / s.alpha,
        d0: -2 * t.sigma * e,
        d1: half ? -t.sigma * e : -2 * t.sigma * (e / h - 1),
        d2: NaN,
        noise: t.sigma * Math.sqrt(Math.expm1(2 * h)),
      };
    }
    default:
      throw invalidOption('algorithm_type', algorithm, `one of ${algorithmTypes.join(', ')}`);
  }
}

/** Where an update starts: at the newest output's point, or at the oldest one's. */
export type Stepping = 'multistep' | 'singlestep';

/** The update to `t` from the points of the last outputs, newest first: as many as the order. */
export function dpmSolverUpdate(
  { algorithmType, solverType }: SchedulerConfig,
  stepping: Stepping,
  t: Point,
  points: readonly Point[],
): Update {
  const half = points.length === 2 && solverType === 'midpoint';
  const start = stepping === 'multistep' ? points[0]! : points.at(-1)!;
  const { sample, d0, d1, d2, noise } = terms(algorithmType, half, t, start);
  const h = t.lambda - start.lambda;
  const [s0, s1, s2] = points as [Point, Point?, Point?];
  if (!s1) return { sample, outputs: [d0], noise };
  const r0 = (s0.lambda - s1.lambda) / h;
  // D_1 = (m_0 - m_1) / r_0, and D_0 is the output where the update starts.
  if (!s2) {
    const outputs = stepping === 'multistep' ? [d0 + d1 / r0, -d1 / r0] : [d1 / r0, d0 - d1 / r0];
    return { sample, outputs, noise };
  }
  const outputs =
    stepping === 'multistep'
      ? thirdMultistep(d0, d1, d2, r0, (s1.lambda - s2.lambda) / h)
      : thirdSinglestep(d0, d1, solverType === 'heun' ? d2 : undefined, [s0, s1, s2], h);
  return { sample, outputs, noise };
}

/** With a = (m_0 - m_1) / r_0, b = (m_1 - m_2) / r_1: D_1 = a + r_0 / (r_0 + r_1) (a - b), D_2 = (a - b) / (r_0 + r_1). */
function thirdMultistep(d0: number, d1: number, d2: number, r0: number, r1: number): number[] {
  const onDifference = (d1 * r0 + d2) / (r0 + r1);
  const a = (d1 + onDifference) / r0;
  const b = -onDifference / r1;
  return [d0 + a, b - a, -b];
}

/**
 * With a = (m_1 - m_2) / r_1 and b = (m_0 - m_2) / r_0: D_1 = b for `midpoint`, which has no D_2; else
 * D_1 = (r_0 a - r_1 b) / (r_0 - r_1) and D_2 = 2 (b - a) / (r_0 - r_1).
 */
function thirdSinglestep(
  d0: number,
  d1: number,
  d2: number | undefined,
  [s0, s1, s2]: readonly [Point, Point, Point],
  h: number,
): number[] {
  const r0 = (s0.lambda - s2.lambda) / h;
  const r1 = (s1.lambda - s2.lambda) / h;
  const onA = d2 === undefined ? 0 : (d1 * r0 - 2 * d2) / (r0 - r1);
  const onB = d2 === undefined ? d1 : (2 * d2 - d1 * r1) / (r0 - r1);
  const [a, b] = [onA / r1, onB / r0];
  return [b, a, d0 - a - b];
}
