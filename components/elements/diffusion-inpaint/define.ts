import { define } from '../base/define.js';
import '../diffusion-mask/define.js';
import { DiffusionInpaint } from './diffusion-inpaint.js';

define('diffusion-inpaint', DiffusionInpaint);

export { DiffusionInpaint };
