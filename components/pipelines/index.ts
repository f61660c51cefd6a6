import { locateAssets } from '../runtime/assets.js';
import { provideAssets } from '../runtime/settings.js';

export { DiffusionPipeline, type LoadOptions } from './diffusion-pipeline.js';
export type { PromptAttention, WordAttention } from './attention.js';
export type { GenerateResult, Timings } from './result.js';
export type { GenerateOptions, PreviewKind, StepInfo } from './options.js';
export type { ComponentInfo, PartName } from './components.js';
export type { Pair, PromptOptions } from './prompt-options.js';
export type { Label } from './labels.js';
export type { Place, Seed } from '../pictures/seeds.js';
export type { Interpolation } from './interpolation.js';
export type { Expansion } from '../pictures/expand.js';
export type { Picture } from '../pictures/picture.js';
export { maskPreset, maskPresets, type MaskPreset } from '../pictures/mask-presets.js';
export { DiffusionError, type DiffusionErrorCode } from '../errors.js';
export { TorchGenerator } from '../schedulers/generator.js';
export { configure, type Configuration } from '../runtime/configure.js';

provideAssets(locateAssets());
