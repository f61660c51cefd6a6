import { invalidOption } from '../errors.js';

/** A `scheduler_config.json` of Hugging Face diffusers: snake_case keys, unknown ones ignored. */
export type SchedulerConfigJson = Readonly<Record<string, unknown>>;

/** The options of every scheduler here, in camelCase, with the defaults of diffusers' classes. */
export interface SchedulerConfig {
  readonly numTrainTimesteps: number;
  readonly betaStart: number;
  readonly betaEnd: number;
  readonly betaSchedule: string;
  readonly trainedBetas: readonly number[] | null;
  readonly predictionType: string;
  readonly timestepSpacing: string;
  /** For `timestepSpacing` `power`, which diffusers does not have. */
  readonly timestepPower: number;
  /** DDIM's, which diffusers does not have. */
  readonly contrastGain: number;
  readonly stepsOffset: number;
  readonly setAlphaToOne: boolean;
  readonly rescaleBetasZeroSnr: boolean;
  readonly clipSample: boolean;
  readonly clipSampleRange: number;
  readonly thresholding: boolean;
  readonly dynamicThresholdingRatio: number;
  readonly sampleMaxValue: number;
  readonly varianceType: string;
  readonly interpolationType: string;
  readonly finalSigmasType: string;
  readonly useKarrasSigmas: boolean;
  readonly useExponentialSigmas: boolean;
  readonly useBetaSigmas: boolean;
  readonly useLuLambdas: boolean;
  readonly useFlowSigmas: boolean;
  readonly flowShift: number;
  /** Ends of the sigmas to respace; 0 stands for the schedule's own. */
  readonly sigmaMin: number;
  readonly sigmaMax: number;
  readonly lambdaMinClipped: number;
  readonly timestepType: string;
  readonly skipPrkSteps: boolean;
  readonly originalInferenceSteps: number;
  readonly timestepScaling: number;
  readonly solverOrder: number;
  readonly algorithmType: string;
  readonly solverType: string;
  readonly lowerOrderFinal: boolean;
  readonly eulerAtFinal: boolean;
  readonly predictX0: boolean;
  readonly shift: number;
  readonly useDynamicShifting: boolean;
  readonly timeShiftType: string;
  /** 0 stands for none. */
  readonly shiftTerminal: number;
  readonly invertSigmas: boolean;
  readonly stochasticSampling: boolean;
  readonly disableCorrector: readonly number[];
  /** RePaint's share of noise; other schedulers take it at each step. */
  readonly eta: number;
}

const defaults: SchedulerConfig = {
  numTrainTimesteps: 1000,
  betaStart: 0.0001,
  betaEnd: 0.02,
  betaSchedule: 'linear',
  trainedBetas: null,
  predictionType: 'epsilon',
  timestepSpacing: 'leading',
  timestepPower: 2,
  contrastGain: 0,
  stepsOffset: 0,
  setAlphaToOne: true,
  rescaleBetasZeroSnr: false,
  clipSample: true,
  clipSampleRange: 1,
  thresholding: false,
  dynamicThresholdingRatio: 0.995,
  sampleMaxValue: 1,
  varianceType: 'fixed_small',
  interpolationType: 'linear',
  finalSigmasType: 'zero',
  useKarrasSigmas: false,
  useExponentialSigmas: false,
  useBetaSigmas: false,
  useLuLambdas: false,
  useFlowSigmas: false,
  flowShift: 1,
  sigmaMin: 0,
  sigmaMax: 0,
  lambdaMinClipped: -Infinity,
  timestepType: 'discrete',
  skipPrkSteps: false,
  originalInferenceSteps: 50,
  timestepScaling: 10,
  solverOrder: 2,
  algorithmType: 'dpmsolver++',
  solverType: 'midpoint',
  lowerOrderFinal: true,
  eulerAtFinal: false,
  predictX0: true,
  shift: 1,
  useDynamicShifting: false,
  timeShiftType: 'exponential',
  shiftTerminal: 0,
  invertSigmas: false,
  stochasticSampling: false,
  disableCorrector: [],
  eta: 0,
};

const camelCase = (key: string) =>
  key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
const snakeCase = (key: string) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

// JSON has no infinite numbers.
const infinities = new Map<unknown, number>([
  ['-inf', -Infinity],
  ['-Infinity', -Infinity],
  ['inf', Infinity],
  ['Infinity', Infinity],
]);

function checkType(key: string, value: unknown, standard: unknown): void {
  const wanted = key === 'trainedBetas' || Array.isArray(standard) ? 'list' : typeof standard;
  const found = Array.isArray(value) ? 'list' : typeof value;
  if (found !== wanted || Number.isNaN(value)) {
    throw invalidOption(snakeCase(key), value, `a ${wanted}`);
  }
}

type Key = keyof SchedulerConfig;

/** How a scheduler's class departs from the others. */
export interface ClassRules {
  /** Where its defaults differ from the usual ones. */
  readonly defaults?: Partial<SchedulerConfig>;
  /** The values it supports. */
  readonly values?: Partial<Record<Key, readonly (string | number)[]>>;
  /** Other classes' values, and which of its own diffusers takes for them. */
  readonly synonyms?: Partial<Record<Key, Readonly<Record<string, string>>>>;
  /** Other classes' options, which it does not know. */
  readonly ignores?: readonly Key[];
}

function checkValues(config: SchedulerConfig, { values = {} }: ClassRules): void {
  for (const [key, allowed] of Object.entries(values)) {
    const value = config[key as Key] as string | number;
    if (!allowed.includes(value)) {
      throw invalidOption(snakeCase(key), value, `one of ${allowed.join(', ')} for this scheduler`);
    }
  }
}

/** More are no schedule that anybody trains with, and would only fill the memory. */
const MOST_TRAIN_STEPS = 1_000_000;

/** Reads a `scheduler_config.json`: keys not given, or null, take the class's default. */
export function readSchedulerConfig(
  json: SchedulerConfigJson,
  rules: ClassRules = {},
): SchedulerConfig {
  const config: Record<string, unknown> = { ...defaults, ...rules.defaults };
  for (const [snake, value] of Object.entries(json)) {
    const key = camelCase(snake);
    if (!Object.hasOwn(defaults, key) || value === undefined || value === null) continue;
    if (rules.ignores?.includes(key as Key)) continue;
    const read = infinities.get(value) ?? value;
    checkType(key, read, defaults[key as Key]);
    const synonyms = rules.synonyms?.[key as Key] ?? {};
    config[key] = Object.hasOwn(synonyms, String(read)) ? synonyms[String(read)] : read;
  }
  const result = config as unknown as SchedulerConfig;
  checkValues(result, rules);
  const trainSteps = result.numTrainTimesteps;
  if (!Number.isInteger(trainSteps) || trainSteps < 1 || trainSteps > MOST_TRAIN_STEPS) {
    const allowed = `a whole number from 1 to ${MOST_TRAIN_STEPS}`;
    throw invalidOption('num_train_timesteps', trainSteps, allowed);
  }
  if (result.trainedBetas && result.trainedBetas.length !== trainSteps) {
    const allowed = `a list of num_train_timesteps = ${trainSteps} numbers`;
    throw invalidOption('trained_betas', `a list of ${result.trainedBetas.length}`, allowed);
  }
  if (result.trainedBetas?.some((beta) => typeof beta !== 'number')) {
    throw invalidOption('trained_betas', 'a list of other things', 'a list of numbers');
  }
  return result;
}
