import { invalidOption } from '../errors.js';

/** Two numbers (s, m) that stand for s x_t + m output. */
export interface Combination {
  readonly sample: number;
  readonly model: number;
}

export const predictionTypes: readonly string[] = ['epsilon', 'v_prediction', 'sample'];

function unknownPrediction(type: string): Error {
  return invalidOption('prediction_type', type, `one of ${predictionTypes.join(', ')}`);
}

/** The predicted x_0 of x_t and the model's output (DDPM, eq. 15; Salimans and Ho 2022, appendix D). */
export function originalFrom(type: string, alphaCumprod: number): Combination {
  const alpha = Math.sqrt(alphaCumprod);
  const sigma = Math.sqrt(1 - alphaCumprod);
  switch (type) {
    case 'epsilon':
      return { sample: 1 / alpha, model: -sigma / alpha };
    case 'v_prediction':
      return { sample: alpha, model: -sigma };
    case 'sample':
      return { sample: 0, model: 1 };
    default:
      throw unknownPrediction(type);
  }
}

/** The predicted noise of x_t and the model's output. */
export function epsilonFrom(type: string, alphaCumprod: number): Combination {
  const alpha = Math.sqrt(alphaCumprod);
  const sigma = Math.sqrt(1 - alphaCumprod);
  switch (type) {
    case 'epsilon':
      return { sample: 0, model: 1 };
    case 'v_prediction':
      return { sample: sigma, model: alpha };
    case 'sample':
      return { sample: 1 / sigma, model: -alpha / sigma };
    default:
      throw unknownPrediction(type);
  }
}
