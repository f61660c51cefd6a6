import { invalidOption } from '../../errors.js';
import { DEFAULT_MODEL, FAST_MODEL, TEXT_MODEL } from '../../runtime/model-address.js';
import type { PlainOptions } from '../../worker/protocol.js';

/** What decides which of the bundled models draws. */
export type Asked = Pick<
  PlainOptions,
  'steps' | 'scheduler' | 'guidanceScale' | 'classifierScale' | 'eta'
> & { readonly prompt?: unknown };

/** What the distilled model was made for; with anything else the base model draws. */
const FAST_STEPS = 4;
const FAST_SCHEDULERS = ['lcm', 'LCMScheduler'];

const qualities = ['', 'fast', 'best'];

/** Whether a distilled model can do what is asked for. */
function isFew({ steps, scheduler, guidanceScale, classifierScale, eta }: Asked): boolean {
  return (
    (steps === undefined || steps <= FAST_STEPS) &&
    (!scheduler || FAST_SCHEDULERS.includes(scheduler as string)) &&
    (guidanceScale === undefined || guidanceScale === 1) &&
    !classifierScale &&
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
  if (typeof asked.prompt === 'string') return TEXT_MODEL;
  const isFast = quality === 'fast' || (quality === '' && isFew(asked));
  return isFast ? FAST_MODEL : DEFAULT_MODEL;
}
