import { define } from '../base/define.js';
import { DiffusionTrain } from './diffusion-train.js';

define('diffusion-train', DiffusionTrain);

export { DiffusionTrain };
