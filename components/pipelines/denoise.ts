import { throwIfAborted } from '../errors.js';
import { ArenaTensor } from '../kernels/arena.js';
import type { Generator } from '../schedulers/generator.js';
import type { Scheduler } from '../schedulers/scheduler.js';
import type { ConditionedUNet } from './unet.js';

export interface DenoiseStep {
  /** 1 after the first step. */
  readonly step: number;
  readonly steps: number;
  readonly timestep: number;
  /** x_t after this step, and the picture that the model expects; valid until the next step. */
  readonly sample: ArenaTensor;
  readonly predOriginalSample: ArenaTensor;
}

export interface Denoising {
  readonly unet: ConditionedUNet;
  readonly scheduler: Scheduler;
  /** x at the first timestep, already scaled as the scheduler wants it; the loop writes over it. */
  readonly sample: ArenaTensor;
  readonly generator: Generator;
  /** Undefined for the scheduler's own. */
  readonly eta: number | undefined;
  readonly signal?: AbortSignal;
}

/**
 * The reverse process (DDPM, algorithm 2): for each timestep, one prediction and one step.
 * Yields after each; an abort takes effect between a prediction and a step.
 */
export async function* denoise(options: Denoising): AsyncGenerator<DenoiseStep, void> {
  const { unet, scheduler, sample, generator, eta, signal } = options;
  const predOriginalSample = new ArenaTensor(sample.dims);
  const scaled = new ArenaTensor(sample.dims);
  const stepOptions = { eta, generator, out: { prevSample: sample, predOriginalSample } };
  try {
    const visited = scheduler.timesteps.slice(scheduler.beginIndex);
    for (const [i, timestep] of visited.entries()) {
      throwIfAborted(signal);
      const input = scheduler.scaleModelInput(sample, timestep, scaled) as ArenaTensor;
      const output = await unet.predict(input, timestep);
      throwIfAborted(signal);
      scheduler.step(output, timestep, sample, stepOptions);
      yield { step: i + 1, steps: visited.length, timestep, sample, predOriginalSample };
    }
  } finally {
    predOriginalSample.release();
    scaled.release();
  }
}
