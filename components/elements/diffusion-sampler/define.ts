import { define } from '../base/define.js';
import { DiffusionSampler } from './diffusion-sampler.js';

define('diffusion-sampler', DiffusionSampler);

export { DiffusionSampler };
