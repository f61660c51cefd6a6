import { define } from '../base/define.js';
import { DiffusionForward } from './diffusion-forward.js';

define('diffusion-forward', DiffusionForward);

export { DiffusionForward };
