import { throwIfAborted } from '../errors.js';
import { ArenaTensor } from '../kernels/arena.js';
import type { DDIMInverseScheduler } from '../schedulers/ddim-inverse.js';
import { nextTurn } from '../runtime/next-turn.js';
import type { GuidedDenoiser } from './guided-denoiser.js';

/** DDIM run backwards (Song et al. 2020, section 5.4): turns pictures, in place, into the noise that makes them. */
export async function invert(
  denoiser: GuidedDenoiser,
  scheduler: DDIMInverseScheduler,
  sample: ArenaTensor,
  signal?: AbortSignal,
): Promise<void> {
  const predOriginalSample = new ArenaTensor(sample.dims);
  const out = { prevSample: sample, predOriginalSample };
  try {
    for (const timestep of scheduler.timesteps) {
      await nextTurn();
      throwIfAborted(signal);
      const output = await denoiser.predict(sample, timestep, signal);
      scheduler.step(output, timestep, sample, { out });
    }
  } finally {
    predOriginalSample.release();
  }
}
