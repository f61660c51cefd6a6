import type {
  DiffusionPipeline,
  GenerateOptions,
  Picture,
} from '../../components/pipelines/index.js';
import { largestDifference } from './golden.js';

interface Floats {
  readonly shape: number[];
  readonly f32: string;
}

interface Brief {
  readonly shape: number[];
  readonly first16: number[];
  readonly sum: number;
}

interface Bytes {
  readonly shape: number[];
  readonly u8: string;
}

/** What one of diffusers' pipelines drew; the fields are explained in test/golden/pipelines/README.md. */
export interface GoldenPipelineCase {
  readonly case: string;
  readonly folder: string;
  readonly call: Readonly<Record<string, unknown>>;
  readonly scheduler_config: Readonly<Record<string, unknown>>;
  readonly scheduler_overrides?: Readonly<Record<string, unknown>>;
  readonly timesteps: number[];
  readonly step_latents: Floats | readonly (Floats | Brief)[];
  readonly image?: Bytes;
  readonly mask_image?: Bytes;
  readonly rgb: Bytes;
  /** Of half precision: how far the numbers may be off, of the largest. */
  readonly tolerance?: number;
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

const floatsOf = (base64: string) => new Float32Array(bytesOf(base64).buffer);

/** Bytes [height, width, 1 or 3] as a picture. */
function pictureOf({ shape, u8 }: Bytes): Picture {
  const bytes = bytesOf(u8);
  const [height = 1, width = 1, channels = 1] = shape;
  const data = new Uint8ClampedArray(4 * width * height);
  for (let i = 0; i < width * height; i++) {
    for (let channel = 0; channel < 3; channel++) {
      data[4 * i + channel] = bytes[i * channels + Math.min(channel, channels - 1)]!;
    }
    data[4 * i + 3] = 255;
  }
  return { data, width, height };
}

const names: Readonly<Record<string, keyof GenerateOptions>> = {
  prompt: 'prompt',
  negative_prompt: 'negativePrompt',
  prompt_2: 'prompt2',
  negative_prompt_2: 'negativePrompt2',
  num_inference_steps: 'steps',
  guidance_scale: 'guidanceScale',
  guidance_rescale: 'guidanceRescale',
  num_images_per_prompt: 'count',
  batch_size: 'count',
  class_labels: 'label',
  original_size: 'originalSize',
  crops_coords_top_left: 'cropsCoordsTopLeft',
  target_size: 'targetSize',
  height: 'height',
  width: 'width',
  strength: 'strength',
  eta: 'eta',
  seed: 'seed',
};

/** The case's call as options of `generate`. */
export function optionsOf(golden: GoldenPipelineCase): GenerateOptions {
  const { call, image, mask_image, scheduler_overrides: overrides = {} } = golden;
  const options: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(call)) {
    const known = names[name];
    if (!known && !['image', 'mask_image'].includes(name))
      throw new Error(`unknown argument ${name}`);
    if (known) options[known] = value;
  }
  if (image) options['image'] = pictureOf(image);
  if (mask_image) options['mask'] = pictureOf(mask_image);
  if (Object.keys(overrides).length > 0) options['scheduler'] = golden.scheduler_config;
  return options as GenerateOptions;
}

export interface Deviation {
  /** Of x after each step, as a share of its largest value. */
  readonly latents: number;
  /** Of the pictures, in 1/255. */
  readonly picture: number;
  readonly timesteps: readonly number[];
  readonly notices: readonly string[];
}

const largest = (values: Float32Array | readonly number[]) =>
  (values as Float32Array).reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** Draws a case, and says how far from diffusers' numbers it is. */
export async function compareWithGolden(
  pipeline: DiffusionPipeline,
  golden: GoldenPipelineCase,
): Promise<Deviation> {
  const steps: Float32Array[] = [];
  const timesteps: number[] = [];
  const { images, notices } = await pipeline.generate({
    ...optionsOf(golden),
    onStep: ({ timestep, latents }) => {
      timesteps.push(timestep);
      steps.push(latents().data);
    },
  });
  const { step_latents: expected } = golden;
  let latents = 0;
  const compare = (found: Float32Array, wanted: Float32Array | readonly number[]) => {
    const share = largestDifference(found, wanted) / largest(wanted);
    latents = share <= latents ? latents : share;
  };
  if (Array.isArray(expected)) {
    if (expected.length !== steps.length)
      throw new Error(`${steps.length} steps, not ${expected.length}`);
    (expected as readonly (Floats | Brief)[]).forEach((each, i) => {
      // DiTPipeline walks with each picture twice.
      if ('f32' in each) compare(steps[i]!, floatsOf(each.f32).subarray(0, steps[i]!.length));
      else compare(steps[i]!.slice(0, each.first16.length), each.first16);
    });
  } else {
    const { shape, f32 } = expected as Floats;
    if (shape[0] !== steps.length) throw new Error(`${steps.length} steps, not ${shape[0]}`);
    const all = floatsOf(f32);
    const length = all.length / steps.length;
    steps.forEach((step, i) => compare(step, all.subarray(i * length, (i + 1) * length)));
  }
  const found = images.flatMap(({ data }) => [...data].filter((_, i) => i % 4 !== 3));
  const picture = largestDifference(found, bytesOf(golden.rgb.u8));
  return { latents, picture, timesteps, notices };
}
