import type { SamplingController, SamplingState } from '../../controllers/sampling.js';
import type { ElementError } from '../../errors.js';
import type { Picture } from '../../pictures/picture.js';
import { DrawingAttributes } from './drawing-attributes.js';

/** What an element that draws tells of its last run. */
export abstract class DrawnElement extends DrawingAttributes {
  protected abstract readonly sampling: SamplingController;

  /** What the element is doing; also as `:state(…)` in style sheets. */
  get state(): SamplingState {
    return this.sampling.state;
  }

  /** The pictures of the last finished run, as RGBA bytes. */
  get images(): readonly Picture[] {
    return this.sampling.result?.images ?? [];
  }

  /** The seed of the last finished run, or the place between seeds. */
  get lastSeed(): number | bigint | string | undefined {
    const seed = this.sampling.result?.seed;
    return typeof seed === 'object' ? seed[0] : seed;
  }

  /** Of the last finished run: a sentence for each thing that was left out, such as the end of a long prompt. */
  get notices(): readonly string[] {
    return this.sampling.result?.notices ?? [];
  }

  /** Why the element failed; undefined in every other state. */
  get error(): ElementError | undefined {
    return this.sampling.error;
  }

  /** The backend that drew last, `webgpu` or `wasm`. */
  get activeBackend(): string | undefined {
    return this.sampling.result?.backend;
  }

  /** Where it drew: in the `worker`, or on the `page`'s own thread where no worker starts. */
  get thread(): 'worker' | 'page' | undefined {
    return this.sampling.result?.thread;
  }

  /** Why that backend was chosen, and why no worker, where there is none. */
  get backendReason(): string | undefined {
    return this.sampling.result?.backendReason;
  }
}
