import { define } from '../base/define.js';
import { DiffusionCanvas } from './diffusion-canvas.js';

define('diffusion-canvas', DiffusionCanvas);

export { DiffusionCanvas };
