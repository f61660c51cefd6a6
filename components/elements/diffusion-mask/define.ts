import { define } from '../base/define.js';
import { DiffusionMask } from './diffusion-mask.js';

define('diffusion-mask', DiffusionMask);

export { DiffusionMask };
