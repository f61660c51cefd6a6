import { DiffusionError } from '../errors.js';
import { ModelFolder } from '../runtime/model-folder.js';
import { schedulerByName } from '../schedulers/create-scheduler.js';
import { readSchedulerConfig, type SchedulerConfigJson } from '../schedulers/scheduler-config.js';
import type { ModelTraits } from './options.js';
import { pipelineDefaults } from './pipeline-defaults.js';
import {
  checkParts,
  missingPart,
  planAutoencoder,
  planDenoiser,
  planText,
  unsupported,
  type AutoencoderPlan,
  type DenoiserPlan,
  type Json,
  type TextPlan,
} from './plan-parts.js';

/** What a model's folder holds, by its JSON files. */
export interface ModelPlan {
  readonly folder: ModelFolder;
  readonly schedulerConfig: SchedulerConfigJson;
  readonly traits: ModelTraits;
  readonly denoiser: DenoiserPlan;
  /** Undefined for a model that draws pixels. */
  readonly autoencoder: AutoencoderPlan | undefined;
  /** Undefined for a model that reads no prompts. */
  readonly text: TextPlan | undefined;
  /** Whether a walk from a picture spreads its steps over the lowest timesteps (latent consistency models). */
  readonly isConsistency: boolean;
}

/**
 * Reads what a model says of itself, without its weights. A folder without a scheduler's configuration has that of
 * DDPM, with diffusers' defaults.
 *
 * @throws DiffusionError `model-not-found`, `model-invalid`, `unsupported-model`, `network`; AbortError
 */
export async function readModelPlan(model: string | URL, signal?: AbortSignal): Promise<ModelPlan> {
  const folder = await ModelFolder.open(model, { signal });
  const { index } = folder;
  const has = (part: string) => Boolean((index as Json)[part] && !isNone((index as Json)[part]));
  const read = (file: string) => folder.readJson(file, { signal });
  const part = has('transformer') ? 'transformer' : 'unet';
  const isLatent = ['vae', 'vqvae', 'vae_decoder'].some(has);
  const [schedulerConfig = { _class_name: 'DDPMScheduler' }, config, vae, first, second] =
    await Promise.all([
      read('scheduler/scheduler_config.json'),
      read(`${part}/config.json`),
      isLatent ? readFirst(read, ['vae_decoder', 'vae', 'vqvae']) : undefined,
      has('text_encoder') ? read('text_encoder/config.json') : undefined,
      has('text_encoder_2') ? read('text_encoder_2/config.json') : undefined,
    ]);
  if (!config) throw missingConfig(folder, part);
  if (isLatent && !vae) throw missingPart(folder, 'vae_decoder/config.json');
  checkParts(has);
  const autoencoder = vae && planAutoencoder(folder, vae);
  const denoiser = planDenoiser(folder, part, config, autoencoder);
  const text = planText(folder, config, first, second);
  checkScheduler(schedulerConfig);
  const { numTrainTimesteps } = readSchedulerConfig(schedulerConfig);
  const { defaults } = index;
  const usual = pipelineDefaults(index._class_name);
  const [channels, height, width] = denoiser.shape;
  const factor = autoencoder?.factor ?? 1;
  return {
    folder,
    schedulerConfig,
    denoiser,
    autoencoder,
    text,
    isConsistency: /^LatentConsistencyModel/.test(index._class_name ?? ''),
    traits: {
      channels: autoencoder ? 3 : channels,
      height: height * factor,
      width: width * factor,
      sizeMultiple: autoencoder ? Math.max(8, factor) : 0,
      labels: folder.labels,
      overlaysMasks: defaults?.overlay === true,
      hasClassifier: index.classifier !== undefined,
      takesPrompt: text !== undefined,
      promptSuggestions: textsOf(defaults?.prompts?.suggestions),
      promptStyles: textsOf(defaults?.prompts?.styles),
      givesAttention: denoiser.givesAttention,
      needsGuidanceAbove: text || part === 'transformer' ? 1 : undefined,
      embedsGuidance: denoiser.timeCondDim !== undefined,
      fewSteps: defaults?.few_steps,
      trainSteps: numTrainTimesteps,
      defaultScheduler: defaults?.scheduler ?? String(schedulerConfig['_class_name']),
      defaultSteps: Math.min(defaults?.steps ?? usual.steps, numTrainTimesteps),
      defaultGuidanceScale: defaults?.guidance_scale ?? usual.guidanceScale,
    },
  };
}

const textsOf = (list: unknown): readonly string[] => (Array.isArray(list) ? list.map(String) : []);

const isNone = (value: unknown) => Array.isArray(value) && value.every((each) => each === null);

async function readFirst(
  read: (file: string) => Promise<Json | undefined>,
  folders: readonly string[],
): Promise<Json | undefined> {
  for (const folder of folders) {
    const config = await read(`${folder}/config.json`);
    if (config) return config;
  }
  return undefined;
}

function missingConfig({ name, index }: ModelFolder, part: string): DiffusionError {
  return Object.keys(index).length === 0
    ? new DiffusionError(
        'model-not-found',
        `There is no model at ${name}: "model" must be the URL of a folder with a model_index.json and a ` +
          'unet/config.json, or hf:owner/name for one on the Hugging Face Hub.',
      )
    : new DiffusionError(
        'model-invalid',
        `The model ${name} has no ${part}/config.json, which gives "in_channels" and "sample_size": add it.`,
      );
}

function checkScheduler({ _class_name: name }: SchedulerConfigJson): void {
  try {
    schedulerByName(String(name));
  } catch (cause) {
    throw unsupported(
      'scheduler',
      `it is a ${name}. ${(cause as Error).message}`.replace(/\.$/, ''),
    );
  }
}
