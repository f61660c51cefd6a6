import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import { html, svg, type TemplateResult } from 'lit';
import { seriesColour } from '../base/series.js';

export interface Chart {
  readonly width: number;
  /** Of each line, its values at the timesteps 0, 1, …; all are of one length. */
  readonly curves: readonly Float64Array[];
  /** What the values are. */
  readonly quantity: string;
  /** The timestep at which they are read, and those that a sampler visits. */
  readonly reading: number;
  readonly visited: readonly number[];
  readonly onRead: (timestep: number) => void;
}

const HEIGHT = 220;
const MARGIN = { left: 44, right: 10, top: 20, bottom: 26 };
/** Points of a line: more can't be told apart. */
const POINTS = 250;

/** Values that are finite, at evenly spaced timesteps, the last one among them. */
function points(curve: Float64Array): [number, number][] {
  const last = curve.length - 1;
  const count = Math.min(POINTS, last);
  return Array.from({ length: count + 1 }, (_, i): [number, number] => {
    const t = Math.round((i * last) / count);
    return [t, curve[t]!];
  }).filter(([, value]) => Number.isFinite(value));
}

/** Lines over the timesteps, with axes, the place that is read, and what a sampler visits. */
export function chart({
  width,
  curves,
  quantity,
  reading,
  visited,
  onRead,
}: Chart): TemplateResult {
  const last = curves[0]!.length - 1;
  const lines = curves.map(points);
  const values = lines.flatMap((each) => each.map(([, value]) => value));
  const x = scaleLinear([0, last], [MARGIN.left, width - MARGIN.right]);
  const low = Math.min(0, ...values);
  const y = scaleLinear([low, Math.max(...values)], [HEIGHT - MARGIN.bottom, MARGIN.top]).nice();
  const path = line<[number, number]>(
    ([t]) => x(t),
    ([, value]) => y(value),
  );
  const [bottom = 0] = y.range();
  const read = ({ offsetX }: PointerEvent) => {
    onRead(Math.min(last, Math.max(0, Math.round(x.invert(offsetX)))));
  };
  const yFormat = y.tickFormat(5);
  return html`
    <svg
      class="chart"
      part="plot"
      height=${HEIGHT}
      viewBox="0 0 ${width} ${HEIGHT}"
      aria-hidden="true"
      @pointermove=${read}
      @pointerdown=${read}
    >
      <text x=${MARGIN.left} y="11">${quantity}</text>
      ${y.ticks(5).map(
        (tick) => svg`
          <line class="axis" x1=${MARGIN.left} x2=${width - MARGIN.right} y1=${y(tick)} y2=${y(tick)} />
          <text x=${MARGIN.left - 6} y=${y(tick) + 4} text-anchor="end">${yFormat(tick)}</text>`,
      )}
      ${x
        .ticks(width < 360 ? 4 : 8)
        .map((tick) => svg`<text x=${x(tick)} y=${HEIGHT - 8} text-anchor="middle">${tick}</text>`)}
      ${visited.map(
        (t) =>
          svg`<line class="visited" x1=${x(t)} x2=${x(t)} y1=${bottom - 8} y2=${bottom + 4} />`,
      )}
      <line class="reading" x1=${x(reading)} x2=${x(reading)} y1=${MARGIN.top} y2=${bottom} />
      ${lines.map((each, index) => {
        const value = curves[index]![reading]!;
        const colour = seriesColour(index);
        return svg`
          <path class="line" stroke=${colour} d=${path(each) ?? ''} />
          ${Number.isFinite(value) ? svg`<circle r="4" fill=${colour} cx=${x(reading)} cy=${y(value)} />` : ''}`;
      })}
    </svg>
  `;
}
