import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { maskPreset } from '../pictures/mask-presets.js';
import type { ImageSize, ImageSource } from './image-source.js';

/** Where masks are painted. */
export interface MaskTarget {
  resize(width: number, height: number): void;
  load(mask: ImageSource): Promise<void>;
}

export interface MaskWishes {
  /** Undefined while the host has not rendered. */
  target(): MaskTarget | null;
  /** A preset's name, or else a mask's URL; empty where it is painted by hand. */
  preset(): string;
  mask(): string;
  onError(error: Error): void;
}

/** Puts the mask that the host's attributes name over a new picture. */
export class MaskLoaderController implements ReactiveController {
  /** Resolves when the mask asked for last is there, or could not be read. */
  settled: Promise<void> = Promise.resolve();
  /** Why the mask could not be read. */
  error: Error | undefined;

  constructor(
    readonly host: ReactiveControllerHost,
    readonly wishes: MaskWishes,
  ) {
    host.addController(this);
  }

  hostConnected(): void {}

  /** For a picture of this size. */
  load(size: ImageSize): Promise<void> {
    return (this.settled = this.#load(size));
  }

  async #load({ width, height }: ImageSize): Promise<void> {
    await this.host.updateComplete;
    const target = this.wishes.target();
    if (!target) return;
    target.resize(width, height);
    this.error = undefined;
    const [preset, mask] = [this.wishes.preset(), this.wishes.mask()];
    try {
      if (preset) await target.load(maskPreset(preset, width, height));
      else if (mask) await target.load(mask);
    } catch (error) {
      this.error = error as Error;
      this.wishes.onError(this.error);
    }
  }
}
