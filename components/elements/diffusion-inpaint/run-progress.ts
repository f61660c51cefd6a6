import { html, nothing, type TemplateResult } from 'lit';
import type { LanguageController } from '../../controllers/language.js';
import type { StepReport } from '../../worker/protocol.js';
import { timestepPlot } from './timestep-plot.js';

/** How far a run is, and the timesteps that it has visited. */
export function runProgress(
  language: LanguageController,
  report: StepReport | undefined,
  timesteps: readonly number[],
): TemplateResult {
  const { step = 0, steps = 1 } = report ?? {};
  const text = report ? language.text('step', { step, steps }) : language.text('starting');
  return html`
    <div class="progress" part="progress">
      <progress aria-label=${text} .value=${report ? step / steps : nothing} max="1"></progress>
      <bdi>${text}</bdi> ${timestepPlot(timesteps, steps)}
    </div>
  `;
}
