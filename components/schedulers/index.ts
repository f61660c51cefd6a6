export { createScheduler, schedulerClassName, schedulerNames } from './create-scheduler.js';
export { DDIMScheduler } from './ddim.js';
export { DDPMScheduler } from './ddpm.js';
export { TorchGenerator, type Generator } from './generator.js';
export { betaSchedules } from './noise-schedules.js';
export { Scheduler, type StepOptions, type StepOutput } from './scheduler.js';
export type { SchedulerConfig, SchedulerConfigJson } from './scheduler-config.js';
export type { Tensor } from '../kernels/arena.js';
