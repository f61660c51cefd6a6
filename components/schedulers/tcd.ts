import { invalidOption } from '../errors.js';
import type { Tensor } from '../kernels/arena.js';
import { ConsistencyScheduler } from './consistency.js';
import { epsilonFrom, originalFrom } from './prediction.js';
import type { StepOptions, StepOutput } from './scheduler.js';

/** The share of noise that "Trajectory Consistency Distillation" recommends. */
const DEFAULT_ETA = 0.3;

/** Strategic stochastic sampling ("Trajectory Consistency Distillation", Zheng et al. 2024, algorithm 4). */
export class TCDScheduler extends ConsistencyScheduler {
  override step(
    modelOutput: Tensor,
    timestep: number,
    sample: Tensor,
    options: StepOptions = {},
  ): StepOutput {
    const { eta = DEFAULT_ETA } = options;
    if (!(eta >= 0 && eta <= 1)) throw invalidOption('eta', eta, 'a number from 0 to 1');
    const { predictionType } = this.config;
    const next = this.timesteps[this.indexOf(timestep) + 1];
    const alphaCumprod = this.alphasCumprod[timestep]!;
    const nextCumprod = this.cumprodAt(next ?? 0);
    // The step goes down to s = (1 - eta) times the next timestep, then noise leads up to that.
    const lowCumprod = this.cumprodAt(Math.floor((1 - eta) * (next ?? 0)));
    const noisy = eta > 0 && next !== undefined;
    const up = noisy ? Math.sqrt(nextCumprod / lowCumprod) : 1;
    const deviation = noisy ? Math.sqrt(1 - nextCumprod / lowCumprod) : 0;

    const alpha = Math.sqrt(alphaCumprod);
    const sigma = Math.sqrt(1 - alphaCumprod);
    const prediction = originalFrom(predictionType, alpha, sigma);
    const epsilon = epsilonFrom(predictionType, alpha, sigma);
    const direction = up * Math.sqrt(1 - lowCumprod);
    const call = this.begin(modelOutput, sample, options);
    const mixture = {
      original: up * Math.sqrt(lowCumprod),
      sample: direction * epsilon.sample,
      model: direction * epsilon.model,
      deviation,
    };
    this.mix(call, prediction, Infinity, mixture, noisy ? this.noise(sample, options) : 0);
    return this.finish(sample, options);
  }
}
