import { ArenaTensor, scratch, sizeOf, stage, type Tensor } from '../kernels/arena.js';
import { kernels } from '../kernels/kernels.js';
import { unknownPrediction, type Combination } from './prediction.js';
import { Scheduler, type Level } from './scheduler.js';
import type { SchedulerConfig } from './scheduler-config.js';
import {
  fractionalTimesteps,
  interpolate,
  sigmaSpacing,
  timestepOf,
  trainSigmasOf,
} from './sigma-spacing.js';

const SCALED = 7;
const INPUT = 1;
const NOISE = 3;

/**
 * The methods of Karras et al. 2022 ("Elucidating the Design Space"): x = x_0 + sigma epsilon, a list of
 * sigmas that falls to zero, and the model's input scaled to unit variance. Sigmas are float32 numbers, as in
 * diffusers.
 */
export abstract class SigmaScheduler extends Scheduler {
  /** The sigmas of the timesteps, and the one that the last step leads to. */
  sigmas: number[] = [];
  protected readonly trainSigmas: number[];

  constructor(config: SchedulerConfig) {
    super(config);
    this.trainSigmas = trainSigmasOf(this);
    this.sigmas = [...this.trainSigmas].reverse().concat(0);
  }

  override get initNoiseSigma(): number {
    const largest = this.sigmas.reduce((a, b) => Math.max(a, b), 0);
    return this.config.timestepSpacing === 'leading' ? Math.sqrt(largest ** 2 + 1) : largest;
  }

  override setTimesteps(steps: number | { readonly timesteps: readonly number[] }): void {
    if (typeof steps === 'number') this.timesteps = fractionalTimesteps(this.config, steps);
    else super.setTimesteps(steps);
    const count = this.timesteps.length;
    let sigmas = this.spacedSigmas(count);
    const spacing = sigmaSpacing(this.config);
    if (spacing) {
      const { sigmaMin, sigmaMax } = this.config;
      sigmas = spacing(sigmaMin || sigmas.at(-1)!, sigmaMax || sigmas[0]!, count);
      this.timesteps = sigmas.map((sigma) => timestepOf(sigma, this.trainSigmas));
    }
    this.sigmas = [...sigmas, this.finalSigma()].map(Math.fround);
    this.beginAt(0);
  }

  override scaleModelInput<T extends Tensor>(sample: T, timestep: number, out?: T): T | Tensor {
    const sigma = this.sigmas[this.nextIndex(timestep)]!;
    const length = sizeOf(sample.dims);
    const { fround } = Math;
    const deviation = fround(Math.sqrt(fround(fround(sigma * sigma) + 1)));
    const pointer = stage(INPUT, sample);
    if (out instanceof ArenaTensor) {
      kernels().divide(out.pointer, pointer, deviation, length);
      return out;
    }
    const scaled = scratch(SCALED, length);
    kernels().divide(scaled.pointer, pointer, deviation, length);
    return { data: scaled.data.slice(0, length), dims: sample.dims };
  }

  override levelAt(index: number): Level {
    return { alpha: 1, sigma: this.sigmas[index] ?? 0 };
  }

  override addNoise(original: Tensor, noise: Tensor, timestep: number): Tensor {
    const index = this.timesteps.indexOf(timestep);
    const sigma = index >= 0 ? this.sigmas[index]! : interpolate(this.trainSigmas, timestep);
    const length = sizeOf(original.dims);
    const out = scratch(SCALED, length);
    kernels().combine2(out.pointer, stage(INPUT, original), 1, stage(NOISE, noise), sigma, length);
    return { data: out.data.slice(0, length), dims: original.dims };
  }

  /** The sigmas of the timesteps before any respacing. */
  protected spacedSigmas(_count: number): number[] {
    return this.timesteps.map((t) => interpolate(this.trainSigmas, t));
  }

  protected finalSigma(): number {
    return 0;
  }

  /** x_0 of x and the model's output at this sigma. */
  protected originalAt(sigma: number): Combination {
    const { predictionType } = this.config;
    switch (predictionType) {
      case 'epsilon':
        return { sample: 1, model: -sigma };
      case 'v_prediction':
        return { sample: 1 / (sigma ** 2 + 1), model: -sigma / Math.sqrt(sigma ** 2 + 1) };
      case 'sample':
        return { sample: 0, model: 1 };
      default:
        throw unknownPrediction(predictionType);
    }
  }
}
