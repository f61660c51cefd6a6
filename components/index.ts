export { DiffusionTrain } from './elements/diffusion-train/define.js';
export { DiffusionInterpolate } from './elements/diffusion-interpolate/define.js';
export { DiffusionCompare } from './elements/diffusion-compare/define.js';
export { DiffusionForward } from './elements/diffusion-forward/define.js';
export { DiffusionSchedule } from './elements/diffusion-schedule/define.js';
export { DiffusionCanvas } from './elements/diffusion-canvas/define.js';
export { DiffusionInpaint } from './elements/diffusion-inpaint/define.js';
export { DiffusionMask } from './elements/diffusion-mask/define.js';
export { DiffusionSampler } from './elements/diffusion-sampler/define.js';
export * from './elements/events.js';
export { DiffusionError, type DiffusionErrorCode, type ElementError } from './errors.js';
export type {
  ElementGenerateOptions,
  ElementOptions,
  ElementResult,
} from './elements/base/element-options.js';
export type { PromptAttention, WordAttention } from './pipelines/attention.js';
export type { PictureSettings } from './pictures/picture-settings.js';
export type { Fit, ImageSource } from './controllers/image-source.js';
export type { PlotKind } from './pictures/schedule-curves.js';
export type { PointSet } from './pictures/point-sets.js';
export type { MaskTool } from './controllers/mask-canvas.js';
export { configure, type Configuration } from './runtime/configure.js';
export { addStrings, type Strings } from './strings/strings.js';
