import { html, svg, type TemplateResult } from 'lit';
import { seriesColour } from '../base/series.js';
import type { ChartGeometry } from './chart-geometry.js';

export interface Chart {
  readonly geometry: ChartGeometry;
  readonly width: number;
  readonly height: number;
  /** What the values are, and what they are over. */
  readonly quantity: string;
  readonly over: string;
  readonly onRead: (timestep: number) => void;
}

/** Lines over the timesteps, with axes, the place that is read, and what a sampler visits. */
export function chart({ geometry, width, height, quantity, over, onRead }: Chart): TemplateResult {
  const { left, right, top, bottom, reading } = geometry;
  const read = ({ offsetX }: PointerEvent) => onRead(geometry.timestepAt(offsetX));
  return html`
    <svg
      class="chart"
      part="plot"
      height=${height}
      viewBox="0 0 ${width} ${height}"
      aria-hidden="true"
      @pointermove=${read}
      @pointerdown=${read}
    >
      <text x=${left} y="11">${quantity}</text>
      <text x=${right} y=${bottom - 5} text-anchor="end">${over}</text>
      ${geometry.up.map(
        ({ at, text }) => svg`
          <line class="axis" x1=${left} x2=${right} y1=${at} y2=${at} />
          <text x=${left - 6} y=${at + 4} text-anchor="end">${text}</text>`,
      )}
      ${geometry.across.map(
        ({ at, text }) => svg`<text x=${at} y=${height - 8} text-anchor="middle">${text}</text>`,
      )}
      ${geometry.visited.map(
        (at) => svg`<line class="visited" x1=${at} x2=${at} y1=${bottom - 8} y2=${bottom + 4} />`,
      )}
      <line class="reading" x1=${reading} x2=${reading} y1=${top} y2=${bottom} />
      ${geometry.lines.map(({ path, dot }, index) => {
        const colour = seriesColour(index);
        return svg`
          <path class="line" stroke=${colour} d=${path} />
          ${dot === undefined ? '' : svg`<circle r="4" fill=${colour} cx=${reading} cy=${dot} />`}`;
      })}
    </svg>
  `;
}
