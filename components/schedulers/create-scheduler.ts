import { invalidOption } from '../errors.js';
import { DDIMInverseScheduler } from './ddim-inverse.js';
import { DDIMScheduler } from './ddim.js';
import { DDPMScheduler } from './ddpm.js';
import { DEISMultistepScheduler } from './deis.js';
import { DPMSolverMultistepScheduler } from './dpm-solver-multistep.js';
import { EulerAncestralDiscreteScheduler } from './euler-ancestral.js';
import { EulerDiscreteScheduler } from './euler.js';
import { FlowMatchEulerDiscreteScheduler } from './flow-match-euler.js';
import { HeunDiscreteScheduler } from './heun.js';
import { LCMScheduler } from './lcm.js';
import { LMSDiscreteScheduler } from './lms.js';
import { PNDMScheduler } from './pndm.js';
import { TCDScheduler } from './tcd.js';
import { UniPCMultistepScheduler } from './unipc.js';
import {
  readSchedulerConfig,
  type SchedulerConfig,
  type SchedulerConfigJson,
} from './scheduler-config.js';
import type { Scheduler } from './scheduler.js';

type SchedulerClass = new (config: SchedulerConfig) => Scheduler;

interface Entry {
  readonly short: string;
  readonly make: SchedulerClass;
  /** Where the class's defaults in diffusers differ from the usual ones. */
  readonly defaults?: Partial<SchedulerConfig>;
}

const linspaced = { timestepSpacing: 'linspace' };

const distilled = {
  betaStart: 0.00085,
  betaEnd: 0.012,
  betaSchedule: 'scaled_linear',
  clipSample: false,
};

/** Every scheduler, by diffusers' class name, with the short name that people type. */
const registry: Record<string, Entry> = {
  DDIMScheduler: { short: 'ddim', make: DDIMScheduler },
  DDPMScheduler: { short: 'ddpm', make: DDPMScheduler },
  DDIMInverseScheduler: { short: 'ddim-inverse', make: DDIMInverseScheduler },
  EulerDiscreteScheduler: { short: 'euler', make: EulerDiscreteScheduler, defaults: linspaced },
  EulerAncestralDiscreteScheduler: {
    short: 'euler-a',
    make: EulerAncestralDiscreteScheduler,
    defaults: linspaced,
  },
  HeunDiscreteScheduler: {
    short: 'heun',
    make: HeunDiscreteScheduler,
    defaults: { ...linspaced, betaStart: 0.00085, betaEnd: 0.012, clipSample: false },
  },
  PNDMScheduler: { short: 'pndm', make: PNDMScheduler, defaults: { setAlphaToOne: false } },
  LCMScheduler: { short: 'lcm', make: LCMScheduler, defaults: distilled },
  TCDScheduler: { short: 'tcd', make: TCDScheduler, defaults: distilled },
  DPMSolverMultistepScheduler: {
    short: 'dpm++',
    make: DPMSolverMultistepScheduler,
    defaults: linspaced,
  },
  UniPCMultistepScheduler: {
    short: 'unipc',
    make: UniPCMultistepScheduler,
    defaults: { ...linspaced, solverType: 'bh2' },
  },
  DEISMultistepScheduler: {
    short: 'deis',
    make: DEISMultistepScheduler,
    defaults: {
      ...linspaced,
      solverType: 'logrho',
      algorithmType: 'deis',
      finalSigmasType: 'sigma_min',
    },
  },
  FlowMatchEulerDiscreteScheduler: { short: 'flow-euler', make: FlowMatchEulerDiscreteScheduler },
  LMSDiscreteScheduler: { short: 'lms', make: LMSDiscreteScheduler, defaults: linspaced },
};

/** The short names that `scheduler` options and attributes take. */
export const schedulerNames: readonly string[] = Object.values(registry).map(({ short }) => short);

/** The class name behind a short name or a class name; throws `invalid-option` for others. */
export function schedulerClassName(name: string): string {
  const found = Object.entries(registry).find(
    ([className, { short }]) => name === className || name === short,
  );
  if (!found) throw invalidOption('scheduler', name, `one of ${schedulerNames.join(', ')}`);
  return found[0];
}

/**
 * A scheduler from the object of a diffusers `scheduler_config.json`: `_class_name` chooses the class,
 * keys and defaults are diffusers'.
 */
export async function createScheduler(json: SchedulerConfigJson): Promise<Scheduler> {
  const className = schedulerClassName(String(json['_class_name']));
  const { make, defaults } = registry[className]!;
  return new make(readSchedulerConfig(json, defaults));
}
