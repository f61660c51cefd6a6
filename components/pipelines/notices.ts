import { takesEta, type NamedScheduler } from '../schedulers/create-scheduler.js';
import type { GenerateOptions, ModelTraits } from './options.js';

/** What was asked for and does no harm, but not what one might hope for: a sentence each. */
export function optionNotices(
  options: GenerateOptions,
  model: ModelTraits,
  { _class_name: scheduler }: NamedScheduler,
): string[] {
  const { attention, expand, steps = 1, eta, guidanceScale = 1 } = options;
  const notices: string[] = [];
  if (attention && !model.givesAttention) {
    notices.push(
      'This model does not tell what the words of a prompt drew, so there is no attention.',
    );
  } else if (attention && expand) {
    notices.push('What is drawn beyond a frame has no attention.');
  }
  if (eta !== undefined && !takesEta(scheduler)) {
    notices.push(`Eta is left out: it is for DDIM and TCD, and this is ${scheduler}.`);
  }
  const { most } = model.fewSteps ?? {};
  if (most && steps > most) {
    notices.push(
      `This model was made for 1 to ${most} steps: ${steps} take longer and draw no better.`,
    );
  }
  if (most && !model.embedsGuidance && guidanceScale !== 1) {
    notices.push(
      'This model has its guidance within it: a guidance scale of 1 is the one it was made for.',
    );
  }
  return notices;
}
