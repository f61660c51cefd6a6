import { invalidOption } from '../errors.js';
import { DDIMInverseScheduler } from './ddim-inverse.js';
import { DDIMScheduler } from './ddim.js';
import { DDPMScheduler, varianceTypes } from './ddpm.js';
import { DEISMultistepScheduler } from './deis.js';
import { DPMSolverMultistepScheduler } from './dpm-solver-multistep.js';
import { DPMSolverSinglestepScheduler } from './dpm-solver-singlestep.js';
import { algorithmTypes } from './dpm-solver.js';
import { EulerAncestralDiscreteScheduler } from './euler-ancestral.js';
import { EulerDiscreteScheduler } from './euler.js';
import { FlowMatchEulerDiscreteScheduler } from './flow-match-euler.js';
import { HeunDiscreteScheduler } from './heun.js';
import { LCMScheduler } from './lcm.js';
import { LMSDiscreteScheduler } from './lms.js';
import { PNDMScheduler } from './pndm.js';
import { FLOW_PREDICTION, predictionTypes } from './prediction.js';
import { RePaintScheduler } from './repaint.js';
import {
  readSchedulerConfig,
  type ClassRules,
  type SchedulerConfig,
  type SchedulerConfigJson,
} from './scheduler-config.js';
import type { Scheduler } from './scheduler.js';
import { TCDScheduler } from './tcd.js';
import { timestepSpacings } from './timestep-spacing.js';
import { UniPCMultistepScheduler } from './unipc.js';

interface Entry extends ClassRules {
  readonly short: string;
  readonly make: new (config: SchedulerConfig) => Scheduler;
  /** Whether its steps can be given more or less noise. */
  readonly takesEta?: boolean;
}

const linspaced = { timestepSpacing: 'linspace' };

const distilled = {
  betaStart: 0.00085,
  betaEnd: 0.012,
  betaSchedule: 'scaled_linear',
  clipSample: false,
};

const usual = { predictionType: predictionTypes, timestepSpacing: timestepSpacings };
const noSample = { ...usual, predictionType: ['epsilon', 'v_prediction'] };
const finalSigmas = { finalSigmasType: ['zero', 'sigma_min'] };
const solver = {
  ...finalSigmas,
  predictionType: [...predictionTypes, FLOW_PREDICTION],
  solverOrder: [1, 2, 3],
};
const dpmSolver = { ...solver, algorithmType: algorithmTypes, solverType: ['midpoint', 'heun'] };
const dpmSynonyms = {
  algorithmType: { deis: 'dpmsolver++' },
  solverType: { logrho: 'midpoint', bh1: 'midpoint', bh2: 'midpoint' },
};

/** Every scheduler, by diffusers' class name, with the short name that people type. */
const registry: Record<string, Entry> = {
  DDIMScheduler: { short: 'ddim', make: DDIMScheduler, values: usual, takesEta: true },
  DDPMScheduler: {
    short: 'ddpm',
    make: DDPMScheduler,
    values: { ...usual, varianceType: varianceTypes },
  },
  DDIMInverseScheduler: {
    short: 'ddim-inverse',
    make: DDIMInverseScheduler,
    values: { ...usual, timestepSpacing: ['leading', 'trailing'] },
    ignores: ['thresholding'],
  },
  EulerDiscreteScheduler: {
    short: 'euler',
    make: EulerDiscreteScheduler,
    defaults: linspaced,
    values: {
      ...usual,
      ...finalSigmas,
      interpolationType: ['linear', 'log_linear'],
      timestepType: ['discrete', 'continuous'],
    },
    synonyms: { predictionType: { original_sample: 'sample' } },
  },
  EulerAncestralDiscreteScheduler: {
    short: 'euler-a',
    make: EulerAncestralDiscreteScheduler,
    defaults: linspaced,
    values: noSample,
    ignores: ['useKarrasSigmas', 'useExponentialSigmas', 'useBetaSigmas'],
  },
  HeunDiscreteScheduler: {
    short: 'heun',
    make: HeunDiscreteScheduler,
    defaults: { ...linspaced, betaStart: 0.00085, betaEnd: 0.012, clipSample: false },
    values: usual,
    ignores: ['thresholding', 'rescaleBetasZeroSnr'],
  },
  LMSDiscreteScheduler: {
    short: 'lms',
    make: LMSDiscreteScheduler,
    defaults: linspaced,
    values: usual,
    ignores: ['rescaleBetasZeroSnr'],
  },
  PNDMScheduler: {
    short: 'pndm',
    make: PNDMScheduler,
    defaults: { setAlphaToOne: false },
    values: { ...noSample, timestepSpacing: ['linspace', 'leading', 'trailing'] },
    ignores: ['rescaleBetasZeroSnr'],
  },
  DPMSolverMultistepScheduler: {
    short: 'dpm++',
    make: DPMSolverMultistepScheduler,
    defaults: linspaced,
    values: { ...dpmSolver, timestepSpacing: timestepSpacings },
    synonyms: dpmSynonyms,
  },
  DPMSolverSinglestepScheduler: {
    short: 'dpm++-single',
    make: DPMSolverSinglestepScheduler,
    defaults: { lowerOrderFinal: false },
    values: dpmSolver,
    synonyms: dpmSynonyms,
    ignores: ['rescaleBetasZeroSnr'],
  },
  DEISMultistepScheduler: {
    short: 'deis',
    make: DEISMultistepScheduler,
    defaults: { ...linspaced, solverType: 'logrho', algorithmType: 'deis' },
    values: {
      ...usual,
      predictionType: solver.predictionType,
      solverOrder: solver.solverOrder,
      algorithmType: ['deis'],
      solverType: ['logrho'],
    },
    synonyms: {
      algorithmType: { dpmsolver: 'deis', 'dpmsolver++': 'deis' },
      solverType: { midpoint: 'logrho', heun: 'logrho', bh1: 'logrho', bh2: 'logrho' },
    },
    ignores: ['rescaleBetasZeroSnr', 'lambdaMinClipped'],
  },
  UniPCMultistepScheduler: {
    short: 'unipc',
    make: UniPCMultistepScheduler,
    defaults: { ...linspaced, solverType: 'bh2' },
    values: { ...solver, timestepSpacing: timestepSpacings, solverType: ['bh1', 'bh2'] },
    synonyms: { solverType: { midpoint: 'bh2', heun: 'bh2', logrho: 'bh2' } },
    ignores: ['lambdaMinClipped'],
  },
  LCMScheduler: {
    short: 'lcm',
    make: LCMScheduler,
    defaults: distilled,
    values: { predictionType: predictionTypes },
  },
  TCDScheduler: {
    short: 'tcd',
    make: TCDScheduler,
    takesEta: true,
    defaults: distilled,
    values: { predictionType: predictionTypes },
  },
  FlowMatchEulerDiscreteScheduler: {
    short: 'flow-euler',
    make: FlowMatchEulerDiscreteScheduler,
    values: { timeShiftType: ['exponential', 'linear'] },
  },
  RePaintScheduler: {
    short: 'repaint',
    make: RePaintScheduler,
    takesEta: true,
    values: { predictionType: predictionTypes },
    ignores: ['thresholding', 'rescaleBetasZeroSnr'],
  },
};

/** What a scheduler's name sets in a configuration. */
export type NamedScheduler = SchedulerConfigJson & { readonly _class_name: string };

/** Short names that stand for a class with options set. */
const variants: Record<string, NamedScheduler> = {
  'dpm++-sde': {
    _class_name: 'DPMSolverMultistepScheduler',
    algorithm_type: 'sde-dpmsolver++',
  },
};

/** The short names that `scheduler` options and attributes take. */
export const schedulerNames: readonly string[] = [
  ...Object.values(registry).map(({ short }) => short),
  ...Object.keys(variants),
];

/** The configuration's keys that a short name or a class name stands for; throws `invalid-option` for others. */
export function schedulerByName(name: string): NamedScheduler {
  if (Object.hasOwn(variants, name)) return variants[name]!;
  const className = Object.keys(registry).find(
    (each) => name === each || name === registry[each]!.short,
  );
  if (!className) throw invalidOption('scheduler', name, `one of ${schedulerNames.join(', ')}`);
  return { _class_name: className };
}

/** Whether the schedulers of a class name have a use for `eta`. */
export function takesEta(className: string): boolean {
  return registry[className]?.takesEta ?? false;
}

/**
 * A scheduler from the object of a diffusers `scheduler_config.json`: `_class_name` chooses the class,
 * keys and defaults are diffusers'.
 */
export async function createScheduler(json: SchedulerConfigJson): Promise<Scheduler> {
  const named = schedulerByName(String(json['_class_name']));
  const { make, ...rules }: Entry = registry[named._class_name]!;
  return new make(readSchedulerConfig({ ...json, ...named }, rules));
}
