import type { PromptAttention } from './attention.js';
import type { Picture } from '../pictures/picture.js';
import type { OneOrEach } from './batch.js';
import type { Seed } from '../pictures/seeds.js';
import type { Dtype } from '../runtime/dtypes.js';
import type { Backend } from '../runtime/session.js';

/** Milliseconds of one run, and the number of U-Net runs. */
export interface Timings {
  /** Loading the model; 0 for every run but the first. */
  readonly load: number;
  /** Encoding the prompts. */
  readonly text: number;
  readonly unet: number;
  /** Everything between the U-Net's runs: scheduler, guidance, noise. */
  readonly kernels: number;
  /** From latents or floats to RGBA. */
  readonly decode: number;
  readonly total: number;
  readonly steps: number;
}

export interface GenerateResult {
  readonly images: Picture[];
  /** The one used, the place between seeds, or the list of them. */
  readonly seed: OneOrEach<Seed>;
  /** A sentence for each thing that was asked for and left out, such as the end of a long prompt. */
  readonly notices: readonly string[];
  /** Of each picture, with the option `attention`: what the words of its prompt drew. */
  readonly attention?: readonly PromptAttention[];
  readonly backend: Backend;
  readonly dtype: Dtype;
  readonly timings: Timings;
}
