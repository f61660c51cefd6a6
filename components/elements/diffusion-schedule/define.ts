import { define } from '../base/define.js';
import { DiffusionSchedule } from './diffusion-schedule.js';

define('diffusion-schedule', DiffusionSchedule);

export { DiffusionSchedule };
