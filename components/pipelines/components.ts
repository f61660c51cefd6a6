import { abortable } from '../errors.js';
import type { Dtype } from '../runtime/dtypes.js';
import type { LoadProgress } from '../runtime/progress.js';
import { Network, type BackendChoice } from '../runtime/network.js';
import { isNode } from '../runtime/devices.js';
import { buildFor, type Backend, type Session } from '../runtime/session.js';
import { Progress } from '../runtime/progress.js';
import type { ModelPlan } from './model-plan.js';

export type PartName =
  | 'unet'
  | 'transformer'
  | 'text_encoder'
  | 'text_encoder_2'
  | 'vae_decoder'
  | 'vae_encoder'
  | 'classifier';

export interface ComponentOptions {
  readonly backend?: BackendChoice;
  readonly dtype?: Dtype;
  /** `low` loads each part when it is used, and frees it after. */
  readonly memory: 'low' | 'high';
}

/** What is known of one of a model's networks. */
export interface ComponentInfo {
  readonly part: PartName;
  readonly isLoaded: boolean;
  /** Bytes of its weights; undefined, as the rest, until it is loaded. */
  readonly size: number | undefined;
  readonly dtype: Dtype | undefined;
  readonly backend: Backend | undefined;
}

/** The build that all parts share, where the backend tells it beforehand. */
const buildOf = (backend: BackendChoice | undefined) =>
  backend === 'webgpu' ? buildFor('webgpu') : undefined;

/** The networks of a model: loaded together, or each when it is needed. */
export class Components {
  readonly #networks = new Map<PartName, Promise<Network>>();
  readonly #loaded = new Map<PartName, Network>();
  /** How the denoiser ran before it was freed. */
  #last: Components['running'];

  constructor(
    readonly plan: ModelPlan,
    readonly options: ComponentOptions,
  ) {}

  get main(): PartName {
    return this.plan.denoiser.part;
  }

  /** Those that every run needs, in the order in which a run does. */
  get #needed(): readonly PartName[] {
    const { text, autoencoder } = this.plan;
    const encoders = text?.encoders.map(({ part }) => part) ?? [];
    return [...encoders, this.main, ...(autoencoder ? (['vae_decoder'] as const) : [])];
  }

  get list(): readonly ComponentInfo[] {
    return this.#needed
      .concat([...this.#loaded.keys()].filter((part) => !this.#needed.includes(part)))
      .map((part) => {
        const network = this.#loaded.get(part);
        const session = network?.session;
        return {
          part,
          isLoaded: session !== undefined,
          size: network?.size,
          dtype: session?.dtype,
          backend: session?.backend,
        };
      });
  }

  /** How the denoiser runs, or did when it was last loaded. */
  get running():
    { readonly backend: Backend; readonly dtype: Dtype; readonly reason: string } | undefined {
    const network = this.denoiser;
    if (!network) return this.#last;
    const { backend, dtype } = network.session;
    return { backend, dtype, reason: network.reason };
  }

  /** The denoiser's network, where it is loaded. */
  get denoiser(): Network | undefined {
    return this.#loaded.get(this.main);
  }

  /** Loads what every run needs; with `memory: 'low'` nothing yet. */
  async load(
    signal: AbortSignal | undefined,
    onProgress: ((progress: LoadProgress) => void) | undefined,
  ): Promise<void> {
    const progress = new Progress(onProgress);
    if (this.options.memory === 'low') return;
    // The denoiser decides for all, and is the largest; what came of the others is not lost where it fails.
    for (const part of [this.main, ...this.#needed.filter((each) => each !== this.main)]) {
      await this.#network(part, signal, progress);
    }
  }

  /**
   * Runs a task with a part's session, which stays loaded, unless memory is to be spared.
   *
   * @throws what loading throws, and the task
   */
  async use<T>(
    part: PartName,
    signal: AbortSignal | undefined,
    task: (session: Session) => Promise<T>,
  ): Promise<T> {
    const network = await abortable(this.#network(part, signal), signal);
    try {
      return await task(network.session);
    } finally {
      if (this.options.memory === 'low') await this.#drop(part);
    }
  }

  /**
   * After a graphics device was lost: every part that ran on it goes on elsewhere.
   *
   * @returns whether there is anything left to try
   */
  async fallBack(reason: string): Promise<boolean> {
    let isReplaced = false;
    for (const network of this.#loaded.values()) {
      if (await network.fallBack(network.session, reason)) isReplaced = true;
    }
    return isReplaced;
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.#networks.keys()].map((part) => this.#drop(part)));
  }

  #network(part: PartName, signal?: AbortSignal, progress?: Progress): Promise<Network> {
    let network = this.#networks.get(part);
    if (!network) {
      network = this.#load(part, signal, progress);
      this.#networks.set(part, network);
      network.then(
        (loaded) => this.#loaded.set(part, loaded),
        () => this.#networks.delete(part),
      );
    }
    return network;
  }

  #load(part: PartName, signal?: AbortSignal, progress?: Progress): Promise<Network> {
    const { backend, dtype } = this.options;
    const main = this.denoiser?.session;
    const isMain = part === this.main;
    // Text is encoded once a run: not worth shaders. The others follow the denoiser, whose runtime all share.
    const isText = part.startsWith('text_encoder');
    return Network.load(this.plan.folder, part, {
      signal,
      progress,
      dtype,
      anyDtype: !isMain,
      backend: isMain ? backend : isText && !isNode ? 'wasm' : (main?.backend ?? backend),
      build: isNode ? undefined : (main?.build ?? (isText ? buildOf(backend) : undefined)),
    });
  }

  async #drop(part: PartName): Promise<void> {
    this.#last = this.running;
    const network = this.#networks.get(part);
    this.#networks.delete(part);
    this.#loaded.delete(part);
    await (await network?.catch(() => undefined))?.dispose();
  }
}
