import { bundledAssets } from '../assets.js';
import { changeSettings } from '../runtime/settings.js';

export {
  DiffusionPipeline,
  type GenerateResult,
  type LoadOptions,
  type Timings,
} from './diffusion-pipeline.js';
export type { GenerateOptions, Label, StepInfo } from './options.js';
export type { Expansion } from './expand.js';
export type { Picture } from './pictures.js';
export { maskPreset, maskPresets, type MaskPreset } from './mask-presets.js';
export { DiffusionError, type DiffusionErrorCode } from '../errors.js';
export { TorchGenerator } from '../schedulers/generator.js';
export { configure, type Configuration } from '../configure.js';

changeSettings({ assets: bundledAssets() });
