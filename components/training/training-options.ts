import { invalidOption } from '../errors.js';

export interface PointTraining {
  /** The data: x and y of each point, with a spread of about 1. */
  readonly points: Float32Array;
  /** Values in each of the three hidden layers, 4 to 256. */
  readonly width: number;
  readonly seed: number;
}

/** What may change from one iteration to the next. */
export interface IterationSettings {
  /** Adam's, above 0 and at most 1. */
  readonly learningRate: number;
  /** Points in the iteration, 1 to 1024. */
  readonly batchSize: number;
}

/** Timesteps of the process that points go through. */
export const POINT_TIMESTEPS = 100;
export const LARGEST_BATCH = 1024;

export type PointSampler = 'ddpm' | 'ddim';

/** The first points of an iteration's batch as they went through it: x and y, one after the other. */
export interface IterationDetail {
  readonly original: Float32Array;
  readonly noise: Float32Array;
  readonly timesteps: Int32Array;
  readonly noised: Float32Array;
  /** The noise as the network saw it. */
  readonly predicted: Float32Array;
}

function checkWhole(name: string, value: number, low: number, high: number): void {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  throw invalidOption(name, value, `a whole number from ${low} to ${high}`);
}

/** @throws DiffusionError `invalid-option` */
export function checkTraining<T extends PointTraining>(training: T): T {
  const { points, width } = training;
  checkWhole('width', width, 4, 256);
  if (!(points.length >= 2) || points.length % 2 > 0 || !points.every(Number.isFinite)) {
    throw invalidOption('points', `${points.length} numbers`, 'x and y of at least one point');
  }
  return training;
}

/** @throws DiffusionError `invalid-option` */
export function checkIteration<T extends IterationSettings>(settings: T): T {
  const { learningRate, batchSize } = settings;
  checkWhole('batchSize (on elements batch-size)', batchSize, 1, LARGEST_BATCH);
  if (typeof learningRate !== 'number' || !(learningRate > 0 && learningRate <= 1)) {
    const allowed = 'a number above 0, at most 1';
    throw invalidOption('learningRate (on elements learning-rate)', learningRate, allowed);
  }
  return settings;
}
