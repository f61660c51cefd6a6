import { throwIfAborted } from '../errors.js';
import { ArenaTensor, scratch } from '../kernels/arena.js';
import { kernels } from '../kernels/kernels.js';
import type { Generator } from '../schedulers/generator.js';
import type { Stretch } from '../schedulers/resampling.js';
import type { Level, Scheduler } from '../schedulers/scheduler.js';
import { nextTurn } from '../runtime/next-turn.js';
import { PredNoise } from './pred-noise.js';
import type { GuidedDenoiser } from './guided-denoiser.js';

export interface DenoiseStep {
  /** 1 after the first step. */
  readonly step: number;
  readonly steps: number;
  readonly timestep: number;
  /** x_t after this step, and the picture that the model expects; valid until the next step. */
  readonly sample: ArenaTensor;
  readonly predOriginalSample: ArenaTensor;
  /** The noise that the model saw in x_t before this step, at half its contrast; valid until the next call. */
  predNoise(): ArenaTensor;
}

/** A picture of which a part is kept, both shaped like the sample; the mask is 1 where it is known. */
export interface Known {
  readonly picture: ArenaTensor;
  readonly mask: ArenaTensor;
  /** What the known part is noised with at every step; fresh noise otherwise. */
  readonly noise?: ArenaTensor;
}

export interface Denoising {
  readonly denoiser: GuidedDenoiser;
  readonly scheduler: Scheduler;
  /** x at the first timestep, already scaled as the scheduler wants it; the loop writes over it. */
  readonly sample: ArenaTensor;
  readonly generator: Generator;
  /** The walk; between two stretches x is noised again (RePaint, section 4.2). */
  readonly stretches: readonly Stretch[];
  readonly known?: Known;
  /** Undefined for the scheduler's own. */
  readonly eta: number | undefined;
  readonly signal?: AbortSignal;
}

// The scheduler's staging slots end at 10.
const NOISE = 11;

/**
 * The reverse process (DDPM, algorithm 2): for each timestep, one prediction and one step; where a part is
 * known, it is put in at the level that the step leads to (RePaint, eq. 8). Yields after each step; an abort
 * takes effect between a prediction and a step.
 */
export async function* denoise(options: Denoising): AsyncGenerator<DenoiseStep, void> {
  const { denoiser, scheduler, sample, generator, stretches, known, eta, signal } = options;
  const predOriginalSample = new ArenaTensor(sample.dims);
  const scaled = new ArenaTensor(sample.dims);
  const noise = new PredNoise(sample.dims);
  const stepOptions = { eta, generator, out: { prevSample: sample, predOriginalSample } };
  const steps = countEntries(scheduler, stretches);
  let step = 0;
  let level: Level | undefined;
  try {
    for (const { first, last } of stretches) {
      scheduler.skipSteps(first, level !== undefined);
      const { beginIndex, timesteps } = scheduler;
      if (level) climb(sample, level, scheduler.levelAt(beginIndex), generator);
      const end = scheduler.entryOf(last);
      for (let index = beginIndex; index < end; index++) {
        await nextTurn();
        throwIfAborted(signal);
        const timestep = timesteps[index]!;
        noise.remember(sample, scheduler.levelAt(index));
        const input = scheduler.scaleModelInput(sample, timestep, scaled) as ArenaTensor;
        const output = await denoiser.predict(input, timestep, signal);
        throwIfAborted(signal);
        scheduler.step(output, timestep, sample, stepOptions);
        level = scheduler.levelAt(index + 1);
        if (known) putKnown(sample, known, level, generator);
        const predNoise = () => noise.of(predOriginalSample);
        yield { step: ++step, steps, timestep, sample, predOriginalSample, predNoise };
      }
    }
    if (known) putKnown(sample, known, { alpha: 1, sigma: 0 }, generator);
  } finally {
    predOriginalSample.release();
    scaled.release();
    noise.release();
  }
}

function countEntries(scheduler: Scheduler, stretches: readonly Stretch[]): number {
  return stretches.reduce((sum, { first, last }, index) => {
    scheduler.skipSteps(first, index > 0);
    return sum + scheduler.entryOf(last) - scheduler.beginIndex;
  }, 0);
}

function draw(like: ArenaTensor, generator: Generator): number {
  const noise = scratch(NOISE, like.length);
  generator.fill(noise.length === like.length ? noise : noise.prefix(like.dims));
  return noise.pointer;
}

/** A sample of q(x_high | x_low), in one step whatever lies between. */
function climb(sample: ArenaTensor, low: Level, high: Level, generator: Generator): void {
  const ratio = high.alpha / low.alpha;
  const deviation = Math.sqrt(Math.max(high.sigma ** 2 - (ratio * low.sigma) ** 2, 0));
  const { pointer, length } = sample;
  kernels().combine2(pointer, pointer, ratio, draw(sample, generator), deviation, length);
}

/** Replaces the known part by the picture noised to this level. */
function putKnown(
  sample: ArenaTensor,
  { picture, mask, noise: own }: Known,
  { alpha, sigma }: Level,
  generator: Generator,
): void {
  const noise = sigma > 0 ? (own?.pointer ?? draw(sample, generator)) : 0;
  const { pointer, length } = sample;
  kernels().blend(pointer, picture.pointer, alpha, noise, sigma, mask.pointer, length);
}
