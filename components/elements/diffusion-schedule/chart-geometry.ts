import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';

export interface ChartData {
  readonly width: number;
  /** Of each line, its values at the timesteps 0, 1, …; all are of one length. */
  readonly curves: readonly Float64Array[];
  /** The timestep at which they are read, and those that a sampler visits. */
  readonly reading: number;
  readonly visited: readonly number[];
}

interface Tick {
  readonly at: number;
  readonly text: string;
}

/** Where everything in a chart stands, in pixels. */
export interface ChartGeometry {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly across: readonly Tick[];
  readonly up: readonly Tick[];
  /** Path data of each line, and the place of its value at the timestep that is read. */
  readonly lines: readonly { readonly path: string; readonly dot: number | undefined }[];
  readonly reading: number;
  readonly visited: readonly number[];
  /** The timestep at a place from the left. */
  timestepAt(x: number): number;
}

export const CHART_HEIGHT = 220;
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
export function chartGeometry({ width, curves, reading, visited }: ChartData): ChartGeometry {
  const last = curves[0]!.length - 1;
  const lines = curves.map(points);
  const values = lines.flatMap((each) => each.map(([, value]) => value));
  const x = scaleLinear([0, last], [MARGIN.left, width - MARGIN.right]);
  const low = Math.min(0, ...values);
  const range = [CHART_HEIGHT - MARGIN.bottom, MARGIN.top];
  const y = scaleLinear([low, Math.max(...values)], range).nice();
  const path = line<[number, number]>(
    ([t]) => x(t),
    ([, value]) => y(value),
  );
  const format = y.tickFormat(5);
  const across = x.ticks(width < 360 ? 4 : 8).filter(Number.isInteger);
  return {
    left: MARGIN.left,
    right: width - MARGIN.right,
    top: MARGIN.top,
    bottom: range[0]!,
    across: across.map((tick) => ({ at: x(tick), text: String(tick) })),
    up: y.ticks(5).map((tick) => ({ at: y(tick), text: format(tick) })),
    lines: lines.map((each, index) => {
      const value = curves[index]![reading]!;
      return { path: path(each) ?? '', dot: Number.isFinite(value) ? y(value) : undefined };
    }),
    reading: x(reading),
    visited: visited.map((t) => x(t)),
    timestepAt: (place) => Math.min(last, Math.max(0, Math.round(x.invert(place)))),
  };
}
