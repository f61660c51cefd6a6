export { createScheduler, schedulerByName, schedulerNames } from './create-scheduler.js';
export { DDIMScheduler } from './ddim.js';
export { DDPMScheduler } from './ddpm.js';
export { DDIMInverseScheduler } from './ddim-inverse.js';
export { DEISMultistepScheduler } from './deis.js';
export { DPMSolverMultistepScheduler } from './dpm-solver-multistep.js';
export { DPMSolverSinglestepScheduler } from './dpm-solver-singlestep.js';
export { EulerDiscreteScheduler } from './euler.js';
export { EulerAncestralDiscreteScheduler } from './euler-ancestral.js';
export { FlowMatchEulerDiscreteScheduler } from './flow-match-euler.js';
export type { FlowTimesteps } from './flow-sigmas.js';
export { HeunDiscreteScheduler } from './heun.js';
export { LMSDiscreteScheduler } from './lms.js';
export { LCMScheduler } from './lcm.js';
export { PNDMScheduler } from './pndm.js';
export {
  RePaintScheduler,
  type NoiseSource,
  type RePaintOptions,
  type UndoOptions,
} from './repaint.js';
export { TCDScheduler } from './tcd.js';
export { UniPCMultistepScheduler } from './unipc.js';
export { TorchGenerator, type Generator } from './generator.js';
export { resamplingSteps } from './resampling.js';
export { betaSchedules } from './noise-schedules.js';
export { Scheduler, type StepOptions, type StepOutput } from './scheduler.js';
export type { SchedulerConfig, SchedulerConfigJson } from './scheduler-config.js';
export type { Tensor } from '../kernels/arena.js';
