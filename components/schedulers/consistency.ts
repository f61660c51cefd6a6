import { invalidOption } from '../errors.js';
import { checkStepCount } from './timestep-spacing.js';
import { Scheduler } from './scheduler.js';

/**
 * What distilled models share (Luo et al. 2023, "Latent Consistency Models"): they know only the timesteps
 * that their teacher's `original_inference_steps` visited, and inference picks some of these.
 */
export abstract class ConsistencyScheduler extends Scheduler {
  /** Of the teacher's timesteps, those that a walk from a picture may take. */
  knownSteps(strength: number): number {
    return Math.floor(this.config.originalInferenceSteps * strength);
  }

  /**
   * @param strength the share of the teacher's timesteps, the lowest ones, among which the steps are spread: for a walk that
   *   starts from a picture
   */
  override setTimesteps(
    steps: number | { readonly timesteps: readonly number[] },
    strength = 1,
  ): void {
    if (typeof steps !== 'number') return super.setTimesteps(steps);
    const { numTrainTimesteps, originalInferenceSteps } = this.config;
    checkStepCount(steps, numTrainTimesteps);
    const known = this.knownSteps(strength);
    if (steps > known) {
      const share = strength < 1 ? ` x strength = ${known}` : '';
      const allowed = `at most original_inference_steps = ${originalInferenceSteps}${share}`;
      throw invalidOption('steps', steps, allowed);
    }
    const stride = Math.floor(numTrainTimesteps / originalInferenceSteps);
    this.timesteps = Array.from({ length: steps }, (_, i) => {
      const skipped = Math.floor((i * known) / steps);
      return (known - skipped) * stride - 1;
    });
    this.beginAt(0);
  }

  /** alpha-bar of a timestep, or of the end for one below 0. */
  protected cumprodAt(timestep: number): number {
    if (timestep >= 0) return this.alphasCumprod[timestep]!;
    return this.config.setAlphaToOne ? 1 : this.alphasCumprod[0]!;
  }
}
