import { throwIfAborted } from '../errors.js';
import { ArenaTensor } from '../kernels/arena.js';
import type { Generator } from '../schedulers/generator.js';
import type { RePaintScheduler } from '../schedulers/repaint.js';
import type { DenoiseStep, Known } from './denoise.js';
import { nextTurn } from '../runtime/next-turn.js';
import { PredNoise } from './pred-noise.js';
import type { GuidedDenoiser } from './guided-denoiser.js';

export interface Repainting {
  readonly denoiser: GuidedDenoiser;
  /** With its timesteps set. */
  readonly scheduler: RePaintScheduler;
  /** Noise; the loop writes over it. */
  readonly sample: ArenaTensor;
  readonly known: Known;
  readonly generator: Generator;
  readonly signal?: AbortSignal;
}

/** The paper's own loop (RePaint, algorithm 1): a step at each lower timestep, a way back up to each higher one. */
export async function* repaint(options: Repainting): AsyncGenerator<DenoiseStep, void> {
  const { denoiser, scheduler, sample, known, generator, signal } = options;
  const { timesteps } = scheduler;
  const predOriginalSample = new ArenaTensor(sample.dims);
  const noise = new PredNoise(sample.dims);
  const predNoise = () => noise.of(predOriginalSample);
  const stepOptions = { generator, out: { prevSample: sample, predOriginalSample } };
  const falls = (i: number) => i === 0 || timesteps[i]! < timesteps[i - 1]!;
  const steps = timesteps.filter((_, i) => falls(i)).length;
  let step = 0;
  try {
    for (const [i, timestep] of timesteps.entries()) {
      await nextTurn();
      throwIfAborted(signal);
      if (!falls(i)) {
        scheduler.undoStep(sample, timesteps[i - 1]!, { generator, out: sample });
        continue;
      }
      noise.remember(sample, scheduler.levelAt(i));
      const output = await denoiser.predict(sample, timestep, signal);
      throwIfAborted(signal);
      scheduler.step(output, timestep, sample, known.picture, known.mask, stepOptions);
      yield { step: ++step, steps, timestep, sample, predOriginalSample, predNoise };
    }
  } finally {
    predOriginalSample.release();
    noise.release();
  }
}
