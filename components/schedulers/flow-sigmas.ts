import { DiffusionError, invalidOption } from '../errors.js';

/**
 * What `setTimesteps` of a method takes that can run along a straight path: a count, and `mu` where the shift is
 * dynamic; or the timesteps or sigmas themselves.
 */
export interface FlowTimesteps {
  readonly numInferenceSteps?: number;
  readonly timesteps?: readonly number[];
  readonly sigmas?: readonly number[];
  readonly mu?: number;
}

/** Moves a sigma in [0, 1] towards the noise where `shift` is above 1 (Esser et al. 2024, eq. 23). */
export function shiftSigma(sigma: number, shift: number): number {
  return (shift * sigma) / (1 + (shift - 1) * sigma);
}

/** The shift that depends on the picture's size, by `mu`; `type` is `time_shift_type`. */
export function dynamicShift(sigma: number, type: string, mu: number | undefined): number {
  if (mu === undefined) {
    throw new DiffusionError(
      'invalid-option',
      'use_dynamic_shifting needs setTimesteps({ numInferenceSteps, mu }).',
    );
  }
  switch (type) {
    case 'exponential':
      return shiftSigma(sigma, Math.exp(mu));
    case 'linear':
      return shiftSigma(sigma, mu);
    default:
      throw invalidOption('time_shift_type', type, 'exponential or linear');
  }
}

/** Stretches falling sigmas so that the last one is `terminal`; 0 leaves them as they are. */
export function stretchToTerminal(sigmas: readonly number[], terminal: number): number[] {
  if (terminal === 0) return [...sigmas];
  const scale = (1 - sigmas.at(-1)!) / (1 - terminal);
  return sigmas.map((sigma) => 1 - (1 - sigma) / scale);
}
