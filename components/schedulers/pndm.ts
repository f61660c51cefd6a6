import { kernels } from '../kernels/kernels.js';
import type { Tensor } from '../kernels/arena.js';
import { epsilonFrom, originalFrom } from './prediction.js';
import { Scheduler, type StepCall, type StepOptions, type StepOutput } from './scheduler.js';

/** Weights of the newest to the oldest output, for one to four of them (Adams and Bashforth). */
const LINEAR_MULTISTEP: readonly (readonly number[])[] = [
  [1],
  [3 / 2, -1 / 2],
  [23 / 12, -16 / 12, 5 / 12],
  [55 / 24, -59 / 24, 37 / 24, -9 / 24],
];

/** Weights of a Runge-Kutta step's four outputs. */
const RUNGE_KUTTA = [1 / 6, 1 / 3, 1 / 3, 1 / 6];

const ORDER = 4;

/** "Pseudo Numerical Methods for Diffusion Models on Manifolds" (Liu et al. 2022). */
export class PNDMScheduler extends Scheduler {
  readonly #outputs = this.history(ORDER);
  readonly #sum = this.history(1);
  readonly #start = this.history(1);
  readonly #prediction = this.history(1);
  // One timestep a step, before any stands twice.
  #spaced: number[] = [];
  #skipped = 0;
  #stride = 0;
  #rungeKuttaSteps = 0;
  #counter = 0;

  override setTimesteps(steps: number | { readonly timesteps: readonly number[] }): void {
    super.setTimesteps(steps);
    this.#stride = Math.floor(this.config.numTrainTimesteps / this.timesteps.length);
    this.#spaced = this.timesteps;
    this.#skipped = 0;
    this.#plan(this.#spaced);
  }

  override entryOf(step: number): number {
    const taken = step - this.#skipped;
    if (taken <= 0) return 0;
    const rungeKutta = this.#rungeKuttaSteps > 0;
    const extra = rungeKutta ? 3 * Math.min(taken, ORDER - 1) : 1;
    return Math.min(taken + extra, this.timesteps.length);
  }

  /**
   * A walk that begins late has the end of the list, as in diffusers: also where the second timestep then stands there once only.
   * On the way again the list is made anew: the first step of a walk is another than those after it.
   */
  override skipSteps(count: number, isAgain = false): void {
    super.skipSteps(count);
    this.#skipped = isAgain ? count : 0;
    this.#plan(this.#spaced.slice(this.#skipped));
    const isOver = count >= this.#spaced.length;
    this.beginAt(isAgain ? 0 : isOver ? this.timesteps.length : count);
  }

  override step(
    modelOutput: Tensor,
    timestep: number,
    sample: Tensor,
    options: StepOptions = {},
  ): StepOutput {
    if (this.timesteps[this.#counter] !== timestep) this.indexOf(timestep);
    const { predictionType } = this.config;
    const alphaCumprod = this.alphasCumprod[timestep]!;
    const root = Math.sqrt(alphaCumprod);
    const prediction = originalFrom(predictionType, root, Math.sqrt(1 - alphaCumprod));
    const call = this.#dense(this.begin(modelOutput, sample, options));
    this.predict(call, prediction, Infinity);
    if (this.#counter < this.#rungeKuttaSteps) this.#rungeKuttaStep(call, timestep);
    else this.#multistep(call, timestep);
    this.#counter++;
    return this.finish(sample, options);
  }

  protected override restart(): void {
    this.#counter = 0;
    this.#outputs.clear();
  }

  /** The call with the predictions of all items side by side, without a variance between them. */
  #dense(call: StepCall): StepCall {
    const { sample, model, items, length, stride } = call;
    if (stride === length) return call;
    const dense = this.#prediction.next(items * length);
    kernels().predictOriginal(dense, sample, model, items, length, stride, 0, 1, Infinity);
    return { ...call, model: dense, stride: length };
  }

  #plan(spaced: readonly number[]): void {
    if (this.config.skipPrkSteps || spaced.length < ORDER) {
      // The second timestep stands twice: it is reached by Euler's step, then improved.
      this.#rungeKuttaSteps = 0;
      this.timesteps = [...spaced.slice(0, 2), ...spaced.slice(1)];
    } else {
      const half = Math.floor(this.#stride / 2);
      const doubled = spaced.slice(0, ORDER).flatMap((t) => [t + half, t]);
      const rungeKutta = doubled
        .slice(1)
        .flatMap((t) => [t, t])
        .slice(1, -1);
      this.#rungeKuttaSteps = rungeKutta.length;
      this.timesteps = [...rungeKutta, ...spaced.slice(ORDER - 1)];
    }
    this.restart();
  }

  /** Section 3.3, the pseudo Runge-Kutta method: four outputs carry one step. */
  #rungeKuttaStep(call: StepCall, timestep: number): void {
    const size = call.items * call.length;
    const stage = this.#counter % 4;
    const from = this.timesteps[this.#counter - stage]!;
    const to = timestep - (stage % 2 ? 0 : Math.floor(this.#stride / 2));
    const weight = RUNGE_KUTTA[stage]!;
    const k = kernels();
    const output = call.model;
    if (stage === 0) {
      this.#outputs.push(output, size);
      this.#start.push(call.sample, size);
      k.combine2(this.#sum.next(size), output, weight, output, 0, size);
    } else {
      k.combine2(this.#sum.at(0), this.#sum.at(0), 1, output, weight, size);
    }
    const carrier = stage === 3 ? this.#sum.at(0) : output;
    this.#transfer(call.prev, this.#start.at(0), carrier, from, to, size);
  }

  /** Section 3.3, the pseudo linear multistep method. */
  #multistep(call: StepCall, timestep: number): void {
    const size = call.items * call.length;
    const k = kernels();
    if (this.#counter === 1) {
      // The first step again, with the mean of the outputs at both its ends.
      const mean = this.#sum.next(size);
      k.combine2(mean, call.model, 0.5, this.#outputs.at(0), 0.5, size);
      this.#transfer(call.prev, this.#start.at(0), mean, timestep + this.#stride, timestep, size);
      return;
    }
    this.#outputs.push(call.model, size);
    if (this.#counter === 0) this.#start.push(call.sample, size);
    const weights = LINEAR_MULTISTEP[this.#outputs.length - 1]!;
    const carrier = this.#sum.next(size);
    k.combine2(carrier, call.model, weights[0]!, call.model, 0, size);
    for (let age = 1; age < weights.length; age++) {
      k.combine2(carrier, carrier, 1, this.#outputs.at(age), weights[age]!, size);
    }
    this.#transfer(call.prev, call.sample, carrier, timestep, timestep - this.#stride, size);
  }

  /** The transfer part, eq. 11: from one timestep to a lower one along a given output. */
  #transfer(prev: number, sample: number, output: number, from: number, to: number, size: number) {
    const alpha = this.alphasCumprod[from]!;
    const previous = to >= 0 ? this.alphasCumprod[to]! : this.#finalCumprod;
    const denominator = alpha * Math.sqrt(1 - previous) + Math.sqrt(alpha * (1 - alpha) * previous);
    const { predictionType } = this.config;
    const epsilon = epsilonFrom(predictionType, Math.sqrt(alpha), Math.sqrt(1 - alpha));
    const factor = -(previous - alpha) / denominator;
    kernels().combine2(
      prev,
      sample,
      Math.sqrt(previous / alpha) + factor * epsilon.sample,
      output,
      factor * epsilon.model,
      size,
    );
  }

  get #finalCumprod(): number {
    return this.config.setAlphaToOne ? 1 : this.alphasCumprod[0]!;
  }
}
