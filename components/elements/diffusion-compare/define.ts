import { define } from '../base/define.js';
import { DiffusionCompare } from './diffusion-compare.js';

define('diffusion-compare', DiffusionCompare);

export { DiffusionCompare };
