import { DiffusionError } from '../errors.js';
import type { ModelFolder } from '../runtime/model-folder.js';

export type Json = Readonly<Record<string, unknown>>;

/** The network that is run at every step. */
export interface DenoiserPlan {
  readonly part: 'unet' | 'transformer';
  /** Of x_t, in pixels or latents: channels, height and width. */
  readonly shape: readonly [channels: number, height: number, width: number];
  /** More than those of x_t where the network is also given a mask and what is around it. */
  readonly inputChannels: number;
  /** The class index that stands for "no class"; undefined for a model without classes. */
  readonly unconditionalClass: number | undefined;
  /** The width of the guidance scale's embedding, for networks distilled with it. */
  readonly timeCondDim: number | undefined;
  /** Whether it has an output `attention`: how much each place looks at each token of the text. */
  readonly givesAttention: boolean;
}

/** How pictures become latents, and latents pictures. */
export interface AutoencoderPlan {
  /** Pixels of a latent, in each direction. */
  readonly factor: number;
  readonly channels: number;
  /** What the encoder's latents are multiplied with, after `shift` is taken from them. */
  readonly scale: number;
  readonly shift: number;
  /** Of each channel, before scaling; undefined for 0 and 1. */
  readonly mean: readonly number[] | undefined;
  readonly deviation: readonly number[] | undefined;
}

/** One of the text encoders, with its tokenizer. */
export interface TextEncoderPlan {
  readonly part: 'text_encoder' | 'text_encoder_2';
  readonly tokenizer: 'tokenizer' | 'tokenizer_2';
  readonly positions: number;
  readonly vocabulary: number;
}

/** How a model reads prompts. */
export interface TextPlan {
  /** Of a token's embedding, as the denoiser reads it. */
  readonly width: number;
  readonly encoders: readonly TextEncoderPlan[];
  /** SDXL's way: the last layer but one of each encoder, side by side, and the prompt as one vector. */
  readonly isPooled: boolean;
  /** Whether no negative prompt means zeros, not the empty prompt. */
  readonly zerosForNone: boolean;
}

/** What can't be run, told before its weights are fetched. */
export function unsupported(part: string, why: string): DiffusionError {
  return new DiffusionError('unsupported-model', `The model's ${part} can't be run here: ${why}.`);
}

export function missingPart({ name }: ModelFolder, file: string): DiffusionError {
  return new DiffusionError(
    'model-invalid',
    `The model ${name} has no ${file}, which its model_index.json promises: add it.`,
  );
}

/** Parts that change what is drawn, and that nothing here runs. */
const foreignParts: Readonly<Record<string, string>> = {
  controlnet: 'control networks are not known',
  prior: 'priors are not known',
  text_encoder_3: 'models with three text encoders are not known',
  motion_adapter: 'videos are not drawn',
  low_res_scheduler: 'upscalers are not known',
};

/** @throws `unsupported-model` for parts that nothing here runs */
export function checkParts(has: (part: string) => boolean): void {
  for (const [part, why] of Object.entries(foreignParts)) {
    if (has(part)) throw unsupported(part, why);
  }
  if (has('text_encoder_2') && !has('text_encoder')) {
    throw unsupported(
      'text_encoder',
      'refiners, which have the second encoder alone, are not known',
    );
  }
}

function sizeOf(value: unknown): [number, number] | undefined {
  const [height, width] = (Array.isArray(value) ? value : [value, value]) as number[];
  return height! > 0 && width! > 0 ? [height!, width!] : undefined;
}

const denoisers = [
  'UNet2DModel',
  'UNet2DConditionModel',
  'DiTTransformer2DModel',
  'Transformer2DModel',
];
const autoencoders = ['AutoencoderKL', 'VQModel', 'AutoencoderTiny', 'AsymmetricAutoencoderKL'];

export function planDenoiser(
  folder: ModelFolder,
  part: DenoiserPlan['part'],
  config: Json,
  autoencoder: AutoencoderPlan | undefined,
): DenoiserPlan {
  const className = String(config['_class_name'] ?? 'UNet2DModel');
  if (!denoisers.includes(className)) {
    throw unsupported(part, `it is a ${className}, and not one of ${denoisers.join(', ')}`);
  }
  const unknown = ['encoder_hid_dim_type', 'class_embed_type'].find((key) => config[key]);
  if (unknown) throw unsupported(part, `its ${unknown} is "${config[unknown]}"`);
  const addition = config['addition_embed_type'];
  if (addition && addition !== 'text_time') {
    throw unsupported(part, `its addition_embed_type is "${addition}", and not "text_time"`);
  }
  const inputChannels = Number(config['in_channels']);
  const size = sizeOf(config['sample_size']);
  const channels = autoencoder?.channels ?? inputChannels;
  if (!size || !(inputChannels > 0)) {
    throw new DiffusionError(
      'unsupported-model',
      `${part}/config.json has in_channels ${config['in_channels']} and sample_size ${config['sample_size']}: both must be ` +
        'numbers above 0.',
    );
  }
  if (!autoencoder && channels !== 1 && channels !== 3) {
    throw new DiffusionError(
      'unsupported-model',
      `${part}/config.json has in_channels ${channels}, and model_index.json names no "vae": a model in pixel space has ` +
        '1 or 3 channels.',
    );
  }
  if (inputChannels !== channels && inputChannels !== 2 * channels + 1) {
    throw new DiffusionError(
      'model-invalid',
      `${part}/config.json has in_channels ${inputChannels}, which does not fit the autoencoder's ${channels} latent ` +
        `channels: they must be ${channels}, or ${2 * channels + 1} for inpainting.`,
    );
  }
  return {
    part,
    shape: [channels, ...size],
    inputChannels,
    unconditionalClass: unconditionalClass(folder, part, config),
    timeCondDim: Number(config['time_cond_proj_dim']) || undefined,
    givesAttention: config['attention_output'] === true,
  };
}

function unconditionalClass(
  { name, labels }: ModelFolder,
  part: string,
  config: Json,
): number | undefined {
  const isTransformer = part === 'transformer';
  const key = isTransformer ? 'num_embeds_ada_norm' : 'num_class_embeds';
  const classes = config[key];
  if (!classes) return undefined;
  // A transformer's is the one after those that it counts, whether or not all have names.
  if (labels.length > 0) return isTransformer ? Number(classes) : labels.length;
  throw new DiffusionError(
    'model-invalid',
    `The model ${name} has ${classes} classes (${key}), but no names for them: its model_index.json must hold ` +
      '"id2label", where the class after the last one named stands for none.',
  );
}

export function planAutoencoder({ name }: ModelFolder, config: Json): AutoencoderPlan {
  const className = String(config['_class_name'] ?? 'AutoencoderKL');
  if (!autoencoders.includes(className)) {
    throw unsupported(
      'vae_decoder',
      `it is a ${className}, and not one of ${autoencoders.join(', ')}`,
    );
  }
  const blocks = (config['block_out_channels'] ?? config['decoder_block_out_channels']) as unknown;
  const channels = Number(config['latent_channels'] ?? 4);
  if (!Array.isArray(blocks) || blocks.length === 0 || !(channels > 0)) {
    throw new DiffusionError(
      'model-invalid',
      `The autoencoder of the model ${name} must give "block_out_channels", a list, and "latent_channels" in its config.json.`,
    );
  }
  const list = (key: string) => {
    const value = config[key];
    return Array.isArray(value) && value.length === channels ? (value as number[]) : undefined;
  };
  return {
    factor: 2 ** (blocks.length - 1),
    channels,
    scale: Number(config['scaling_factor'] ?? 0.18215),
    shift: Number(config['shift_factor'] ?? 0),
    mean: list('latents_mean'),
    deviation: list('latents_std'),
  };
}

export function planText(
  folder: ModelFolder,
  denoiser: Json,
  first: Json | undefined,
  second: Json | undefined,
): TextPlan | undefined {
  const width = denoiser['cross_attention_dim'];
  const readsText = denoiser['_class_name'] === 'UNet2DConditionModel' && Boolean(width);
  if (!readsText) return undefined;
  if (!first) throw missingPart(folder, 'text_encoder/config.json');
  const isPooled = denoiser['addition_embed_type'] === 'text_time';
  if (isPooled && !second) throw missingPart(folder, 'text_encoder_2/config.json');
  const configs = isPooled ? [first, second!] : [first];
  const widths = configs.map((config) => Number(config['hidden_size']));
  const total = widths.reduce((sum, each) => sum + each, 0);
  const wanted = (Array.isArray(width) ? width : [width]) as number[];
  if (total > 0 && wanted.some((each) => each !== total)) {
    throw new DiffusionError(
      'model-invalid',
      `The denoiser reads text ${wanted[0]} wide (cross_attention_dim), and the text encoder's is ${widths.join(' + ')} ` +
        'wide (hidden_size): they are not of one model.',
    );
  }
  const parts = [
    ['text_encoder', 'tokenizer'],
    ['text_encoder_2', 'tokenizer_2'],
  ] as const;
  const { force_zeros_for_empty_prompt: zeros = isPooled } = folder.index as Json;
  return {
    width: Number(wanted[0]),
    encoders: configs.map((config, index) => planEncoder(parts[index]!, config)),
    isPooled,
    zerosForNone: isPooled && Boolean(zeros),
  };
}

function planEncoder(
  [part, tokenizer]: readonly [TextEncoderPlan['part'], TextEncoderPlan['tokenizer']],
  config: Json,
): TextEncoderPlan {
  const [architecture] = (config['architectures'] as string[] | undefined) ?? [];
  const kind = architecture ?? String(config['model_type'] ?? 'clip_text_model');
  if (!/^clip/i.test(kind)) throw unsupported(part, `it is a ${kind}, and not a CLIP text model`);
  return {
    part,
    tokenizer,
    positions: Number(config['max_position_embeddings'] ?? 77),
    vocabulary: Number(config['vocab_size'] ?? Infinity),
  };
}
