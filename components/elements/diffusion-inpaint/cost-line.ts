import { html, type TemplateResult } from 'lit';
import type { LanguageController } from '../../controllers/language.js';
import type { Cost } from '../../pictures/cost.js';

/** What a run will cost, in model runs and, once one has been measured, in seconds. */
export function costLine(
  language: LanguageController,
  { steps, runs, resamplings }: Cost,
  millisecondsPerRun: number | undefined,
): TemplateResult {
  const cost = language.text(resamplings > 1 ? 'costResampled' : 'cost', {
    steps,
    runs,
    resamplings,
  });
  const seconds = language.decimal((runs * (millisecondsPerRun ?? 0)) / 1000);
  const time = millisecondsPerRun ? `, ${language.text('costSeconds', { seconds })}` : '';
  return html`<p class="cost"><bdi>${cost}${time}</bdi></p>`;
}
