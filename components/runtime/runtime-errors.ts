import { DiffusionError, isAbortError } from '../errors.js';
import type { Backend } from './session.js';

/** Why there is no runtime. */
export function unavailable(reason: string, cause: unknown): DiffusionError {
  return new DiffusionError(
    'backend-unavailable',
    `The network's runtime could not be started: ${reason.replace(/\.$/, '')}.`,
    { cause },
  );
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** What the runtime says when its memory ends; undefined where it says something else. */
function outOfMemory(cause: unknown, advice: string): DiffusionError | undefined {
  if (!/memory|allocat/i.test(messageOf(cause))) return undefined;
  return new DiffusionError('out-of-memory', `There is not enough memory ${advice}.`, { cause });
}

/** Why a run failed. */
export function explainRun(cause: unknown): Error {
  const reason = messageOf(cause).trim().replace(/\.$/, '');
  return (
    outOfMemory(cause, 'for so many pictures at once: ask for fewer') ??
    new DiffusionError(
      'unsupported-model',
      `The network can't be run as its config.json describes it (${reason}).`,
      { cause },
    )
  );
}

export function isUnavailable(error: Error): boolean {
  return error instanceof DiffusionError && error.code === 'backend-unavailable';
}

/** Why a network could not be opened. */
export function explainCreation(error: unknown, backend: Backend): Error {
  if (error instanceof DiffusionError || isAbortError(error)) return error as Error;
  const memory = outOfMemory(error, 'for this model: close other tabs, or choose a smaller model');
  if (memory) return memory;
  const message = messageOf(error);
  if (/protobuf|parse|ERROR_CODE: (2|7)|Invalid model|ModelProto|INVALID/i.test(message)) {
    return new DiffusionError(
      'model-invalid',
      `The model's file is not an ONNX network that can be loaded (${message}).`,
      { cause: error },
    );
  }
  return new DiffusionError('backend-unavailable', `The ${backend} backend failed: ${message}`, {
    cause: error,
  });
}

/** Why a runtime did not start. */
export function explainStart(cause: unknown): Error {
  const advice = 'to start the network’s runtime: close other tabs';
  return outOfMemory(cause, advice) ?? unavailable(messageOf(cause), cause);
}
