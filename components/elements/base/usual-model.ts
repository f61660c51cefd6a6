import { invalidOption } from '../../errors.js';
import { bundledFewSteps } from '../../runtime/bundled-model-names.js';
import {
  DEFAULT_MODEL,
  FAST_MODEL,
  FAST_TEXT_MODEL,
  TEXT_MODEL,
} from '../../runtime/model-address.js';
import type { PlainOptions } from '../../worker/protocol.js';

/** What decides which of the bundled models draws. */
export type Asked = Pick<
  PlainOptions,
  'steps' | 'scheduler' | 'guidanceScale' | 'guidanceRescale' | 'classifierScale' | 'eta'
> & { readonly prompt?: unknown; readonly negativePrompt?: unknown };

const qualities = ['', 'fast', 'best'];

const shortName = (scheduler: unknown) =>
  String(scheduler)
    .replace(/Scheduler$/, '')
    .toLowerCase();

/** Whether a distilled model can do what is asked for. */
function isMadeFor(model: string, asked: Asked): boolean {
  const { steps, scheduler, guidanceScale, guidanceRescale, classifierScale, eta } = asked;
  const { most, schedulers } = bundledFewSteps[model]!;
  return (
    (steps === undefined || steps <= most) &&
    (!scheduler || schedulers.includes(shortName(scheduler))) &&
    (guidanceScale === undefined || guidanceScale === 1) &&
    !guidanceRescale &&
    !classifierScale &&
    !asked.negativePrompt &&
    eta === undefined
  );
}

/**
 * The bundled model for a run where none is named.
 *
 * @param quality `fast` and `best` decide; otherwise the distilled model draws, where it can do what is asked for
 * @throws DiffusionError `invalid-option`
 */
export function usualModel(asked: Asked, quality = ''): string {
  if (!qualities.includes(quality)) {
    throw invalidOption('quality', quality, 'fast or best, or left out');
  }
  const isText = typeof asked.prompt === 'string';
  const fast = isText ? FAST_TEXT_MODEL : FAST_MODEL;
  const isFast = quality === 'fast' || (quality === '' && isMadeFor(fast, asked));
  if (isFast) return fast;
  return isText ? TEXT_MODEL : DEFAULT_MODEL;
}
