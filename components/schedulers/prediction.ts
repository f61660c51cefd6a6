import { invalidOption } from '../errors.js';

/** Two numbers (s, m) that stand for s x_t + m output. */
export interface Combination {
  readonly sample: number;
  readonly model: number;
}

export const predictionTypes: readonly string[] = ['epsilon', 'v_prediction', 'sample'];

/** What a flow-matching model predicts: epsilon - x_0. */
export const FLOW_PREDICTION = 'flow_prediction';

/** For switches over the types; configurations with others are refused before. */
export function unknownPrediction(type: string): Error {
  return invalidOption('prediction_type', type, `one of ${predictionTypes.join(', ')}`);
}

/**
 * The predicted x_0 of x_t = alpha x_0 + sigma epsilon and the model's output (DDPM, eq. 15; Salimans and
 * Ho 2022, appendix D).
 */
export function originalFrom(type: string, alpha: number, sigma: number): Combination {
  switch (type) {
    case 'epsilon': {
      // At zero terminal SNR, where alpha is 0, the difference still has a sign, which clipping keeps.
      const divisor = Math.max(alpha, 1e-12);
      return { sample: 1 / divisor, model: -sigma / divisor };
    }
    case 'v_prediction':
      return { sample: alpha, model: -sigma };
    case 'sample':
      return { sample: 0, model: 1 };
    case FLOW_PREDICTION:
      return { sample: 1, model: -sigma };
    default:
      throw unknownPrediction(type);
  }
}

/** The predicted noise of x_t and the model's output. */
export function epsilonFrom(type: string, alpha: number, sigma: number): Combination {
  switch (type) {
    case 'epsilon':
      return { sample: 0, model: 1 };
    case 'v_prediction':
      return { sample: sigma, model: alpha };
    case 'sample':
      return { sample: 1 / sigma, model: -alpha / sigma };
    case FLOW_PREDICTION:
      return { sample: 1, model: alpha };
    default:
      throw unknownPrediction(type);
  }
}

/** What a change of the score, the gradient of log p(x_t), adds to the model's output, for each unit. */
export function scoreFactor(type: string, alpha: number, sigma: number): number {
  switch (type) {
    case 'epsilon':
      return -sigma;
    case 'v_prediction':
      return -sigma / Math.max(alpha, 1e-12);
    case 'sample':
      return sigma ** 2 / Math.max(alpha, 1e-12);
    default:
      throw unknownPrediction(type);
  }
}
