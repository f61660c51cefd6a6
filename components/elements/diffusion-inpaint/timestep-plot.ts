import { html, svg, type TemplateResult } from 'lit';

/** The timestep of each step so far: down, and up again where the walk resamples. */
export function timestepPlot(timesteps: readonly number[], steps: number): TemplateResult {
  const highest = timesteps[0] || 1;
  const points = timesteps.map((t, i) => `${((i + 1) / steps) * 100},${30 - (t / highest) * 28}`);
  return html`
    <svg
      class="plot"
      part="plot"
      viewBox="0 0 100 31"
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      ${svg`<polyline
        points=${points.join(' ')}
        fill="none"
        stroke="currentColor"
        vector-effect="non-scaling-stroke"
      />`}
    </svg>
  `;
}
