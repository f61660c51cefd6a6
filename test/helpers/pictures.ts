import { expect } from '@open-wc/testing';
import type { DiffusionSampler } from 'diffusion-elements';
import { DiffusionPipeline, type Picture } from 'diffusion-elements/pipeline';

export const fashionMnist = '/models/fashion-mnist';

/** A pipeline on WASM, and a bag that it drew. */
export async function pipelineWithBag(): Promise<{ pipeline: DiffusionPipeline; image: Picture }> {
  const pipeline = await DiffusionPipeline.fromPretrained(fashionMnist, { backend: 'wasm' });
  const { images } = await pipeline.generate({ label: 'bag', seed: 4, steps: 10 });
  return { pipeline, image: images[0]! };
}

/** Resolves with the next event of a type, or rejects after `limit` ms. */
export function nextEvent<T extends Event>(
  target: EventTarget,
  type: string,
  limit = 60_000,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${type} in ${limit} ms`)), limit);
    target.addEventListener(
      type,
      (event) => {
        clearTimeout(timer);
        resolve(event as T);
      },
      { once: true },
    );
  });
}

export const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The grey values of all pictures, one after the other. */
export function greys(images: readonly { data: Uint8ClampedArray }[]): number[] {
  return images.flatMap(({ data }) =>
    Array.from({ length: data.length / 4 }, (_, i) => data[4 * i]!),
  );
}

/** Fails unless the pictures hold both dark and bright pixels. */
export function expectDrawn(element: DiffusionSampler, count: number): void {
  expect(element.images).to.have.length(count);
  const values = greys(element.images);
  expect(Math.max(...values)).to.be.above(120);
  expect(Math.min(...values)).to.be.below(60);
}
