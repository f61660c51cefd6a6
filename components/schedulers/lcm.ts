import { kernels } from '../kernels/kernels.js';
import type { Tensor } from '../kernels/arena.js';
import { ConsistencyScheduler } from './consistency.js';
import { originalFrom } from './prediction.js';
import type { StepOptions, StepOutput } from './scheduler.js';

/** The data's standard deviation in the boundary conditions. */
const SIGMA_DATA = 0.5;

/** Multistep consistency sampling ("Latent Consistency Models", Luo et al. 2023, algorithm 3). */
export class LCMScheduler extends ConsistencyScheduler {
  override step(
    modelOutput: Tensor,
    timestep: number,
    sample: Tensor,
    options: StepOptions = {},
  ): StepOutput {
    const { predictionType, timestepScaling } = this.config;
    const next = this.timesteps[this.indexOf(timestep) + 1];
    const alphaCumprod = this.alphasCumprod[timestep]!;
    const root = Math.sqrt(alphaCumprod);
    const prediction = originalFrom(predictionType, root, Math.sqrt(1 - alphaCumprod));

    // Boundary conditions: the picture itself at t = 0, the prediction far from it (eq. 9).
    const scaled = timestep * timestepScaling;
    const skip = SIGMA_DATA ** 2 / (scaled ** 2 + SIGMA_DATA ** 2);
    const out = scaled / Math.sqrt(scaled ** 2 + SIGMA_DATA ** 2);

    const call = this.begin(modelOutput, sample, options);
    const k = kernels();
    const size = call.items * call.length;
    this.predict(call, prediction, this.limit);
    k.combine2(call.original, call.original, out, call.sample, skip, size);
    if (next === undefined) {
      k.combine2(call.prev, call.original, 1, call.original, 0, size);
    } else {
      const alpha = this.cumprodAt(next);
      const noise = this.noise(sample, options);
      k.combine2(call.prev, call.original, Math.sqrt(alpha), noise, Math.sqrt(1 - alpha), size);
    }
    return this.finish(sample, options);
  }
}
