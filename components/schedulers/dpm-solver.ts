import { invalidOption } from '../errors.js';
import type { Point } from './solver-scheduler.js';

export const algorithmTypes = ['dpmsolver', 'dpmsolver++', 'sde-dpmsolver', 'sde-dpmsolver++'];
export const solverTypes = ['midpoint', 'heun'];

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
 * forms as in diffusers). `order` decides how D_1 is weighted: second order takes half of D_0's weight
 * for `midpoint` and the integral for `heun`; third order always takes the integral.
 */
function terms(algorithm: string, solver: string, order: number, t: Point, s: Point): Terms {
  const h = t.lambda - s.lambda;
  const half = order === 2 && solver === 'midpoint';
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

/**
 * The update to `t` from the points of the last outputs, newest first: as many as the order.
 */
export function dpmSolverUpdate(
  algorithm: string,
  solver: string,
  t: Point,
  points: readonly Point[],
): Update {
  const [s0, s1, s2] = points;
  const { sample, d0, d1, d2, noise } = terms(algorithm, solver, points.length, t, s0!);
  const h = t.lambda - s0!.lambda;
  if (!s1) return { sample, outputs: [d0], noise };
  const r0 = (s0!.lambda - s1.lambda) / h;
  // D_1 = (m_0 - m_1) / r_0
  if (!s2) return { sample, outputs: [d0 + d1 / r0, -d1 / r0], noise };
  const r1 = (s1.lambda - s2.lambda) / h;
  // With a = (m_0 - m_1) / r_0 and b = (m_1 - m_2) / r_1: D_1 = a + r_0 / (r_0 + r_1) (a - b), and
  // D_2 = (a - b) / (r_0 + r_1).
  const onDifference = (d1 * r0 + d2) / (r0 + r1);
  const a = (d1 + onDifference) / r0;
  const b = -onDifference / r1;
  return { sample, outputs: [d0 + a, b - a, -b], noise };
}
