import { define } from '../base/define.js';
import { DiffusionInterpolate } from './diffusion-interpolate.js';

define('diffusion-interpolate', DiffusionInterpolate);

export { DiffusionInterpolate };
