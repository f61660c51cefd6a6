import {
  cropPicture,
  expansionWindows,
  extendPicture,
  pastePicture,
  type Size,
} from '../pictures/expand.js';
import type { GenerateOptions, Run } from './options.js';
import type { Picture } from '../pictures/picture.js';
import type { GenerateResult, Timings } from './result.js';
import { shiftSeeds } from '../pictures/seeds.js';

type Generate = (options: GenerateOptions) => Promise<GenerateResult>;

/**
 * Draws beyond the frame: the model's frame slides out of the picture, and each of its places is a run with a
 * mask that keeps what is drawn already.
 */
export async function outpaint(
  run: Run,
  options: GenerateOptions,
  frame: Size,
  generate: Generate,
): Promise<GenerateResult> {
  const expansion = run.expansion!;
  const windows = expansionWindows(frame, expansion);
  const pictures = Array.from(
    { length: run.count },
    (_, i) => run.pictures![i % run.pictures!.length]!,
  );
  const canvases = pictures.map((picture) => extendPicture(picture, expansion));
  const results: GenerateResult[] = [];
  const { onStep } = options;
  for (const [index, { x, y, mask }] of windows.entries()) {
    const place = (pictures: Picture[], targets: Picture[]) => {
      pictures.forEach((picture, i) => pastePicture(targets[i]!, picture, x, y));
      return targets;
    };
    const result = await generate({
      ...options,
      expand: undefined,
      attention: false,
      image: canvases.map((canvas) => cropPicture(canvas, frame, x, y)),
      mask,
      count: run.count,
      // Each window has noise of its own.
      seed: shiftSeeds(run.seeds, index),
      onStep:
        onStep &&
        (({ step, steps, timestep, preview, latents }) =>
          onStep({
            latents,
            attention: () => [],
            step: index * steps + step,
            steps: windows.length * steps,
            timestep,
            preview: (kind) => place(preview(kind), canvases.map(copyOf)),
          })),
    });
    place(result.images, canvases);
    results.push(result);
  }
  return {
    ...results.at(-1)!,
    notices: [...new Set([...run.notices, ...results.at(-1)!.notices])],
    images: canvases,
    seed: run.seeds.seed,
    timings: sumOf(results),
  };
}

function copyOf({ data, width, height }: Picture): Picture {
  return { data: data.slice(), width, height };
}

function sumOf(results: readonly GenerateResult[]): Timings {
  const sum = (key: keyof Timings) =>
    results.reduce((total, { timings }) => total + timings[key], 0);
  return {
    load: sum('load'),
    text: sum('text'),
    unet: sum('unet'),
    kernels: sum('kernels'),
    decode: sum('decode'),
    total: sum('total'),
    steps: sum('steps'),
  };
}
