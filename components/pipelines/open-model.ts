import { DiffusionError } from '../errors.js';
import { ModelFolder, type UNetConfig } from '../runtime/model-folder.js';
import { readSchedulerConfig, type SchedulerConfigJson } from '../schedulers/scheduler-config.js';
import type { ModelTraits } from './options.js';

/** A model's folder with its JSON files read. */
export interface OpenModel {
  readonly folder: ModelFolder;
  readonly schedulerConfig: SchedulerConfigJson;
  readonly traits: ModelTraits;
  /** Channels, height and width of a picture. */
  readonly shape: readonly [number, number, number];
}

/**
 * Reads what a model says of itself, without its weights. A folder without a scheduler's configuration has that of
 * DDPM, with diffusers' defaults.
 *
 * @throws DiffusionError `model-not-found`, `model-invalid`, `unsupported-model`, `network`; AbortError
 */
export async function openModel(model: string | URL, signal?: AbortSignal): Promise<OpenModel> {
  const folder = await ModelFolder.open(model, { signal });
  const [schedulerConfig = { _class_name: 'DDPMScheduler' }, unetConfig] = await Promise.all([
    folder.readJson('scheduler/scheduler_config.json', { signal }),
    folder.readJson('unet/config.json', { signal }),
  ]);
  if (!unetConfig) throw missingConfig(folder);
  const { num_class_embeds: classes } = unetConfig as unknown as UNetConfig;
  if (classes && folder.labels.length === 0) throw unnamedClasses(folder, classes);
  const { numTrainTimesteps } = readSchedulerConfig(schedulerConfig);
  const { defaults } = folder.index;
  const shape = pictureShape(unetConfig as unknown as UNetConfig);
  return {
    folder,
    schedulerConfig,
    traits: {
      channels: shape[0],
      height: shape[1],
      width: shape[2],
      labels: folder.labels,
      hasClassifier: folder.index.classifier !== undefined,
      trainSteps: numTrainTimesteps,
      defaultScheduler: defaults?.scheduler ?? String(schedulerConfig['_class_name']),
      defaultSteps: defaults?.steps ?? 20,
      defaultGuidanceScale: defaults?.guidance_scale ?? 1,
    },
    shape,
  };
}

function missingConfig({ name, index }: ModelFolder): DiffusionError {
  return Object.keys(index).length === 0
    ? new DiffusionError(
        'model-not-found',
        `There is no model at ${name}: "model" must be the URL of a folder with a model_index.json and a ` +
          'unet/config.json.',
      )
    : new DiffusionError(
        'model-invalid',
        `The model ${name} has no unet/config.json, which gives "in_channels" and "sample_size": add it.`,
      );
}

function unnamedClasses({ name }: ModelFolder, classes: number): DiffusionError {
  return new DiffusionError(
    'model-invalid',
    `The model ${name} has ${classes} classes (num_class_embeds), but no names for them: its model_index.json must hold ` +
      '"id2label", where the class after the last one named stands for none.',
  );
}

function pictureShape(config: UNetConfig): readonly [number, number, number] {
  const { in_channels, sample_size } = config;
  const [height, width] = Array.isArray(sample_size) ? sample_size : [sample_size, sample_size];
  if (!(in_channels === 1 || in_channels === 3) || !(height > 0) || !(width > 0)) {
    throw new DiffusionError(
      'unsupported-model',
      `unet/config.json has in_channels ${in_channels} and sample_size ${sample_size}: ` +
        'this version draws models of 1 or 3 channels in pixel space.',
    );
  }
  return [in_channels, height, width];
}
