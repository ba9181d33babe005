/** From stored series to the curves of a figure. */
import type { FigureColour } from './spec.ts';

export type Axis = 'step' | 'epoch' | 'time';

export interface Curve {
  /** Unique in the chart. */
  id: string;
  label: string;
  colour: FigureColour;
  dashed?: boolean;
  /** Growing. */
  x: readonly number[];
  /** NaN makes a gap. */
  y: readonly number[];
  /** What the curve is the mean of lies between these, a value for each x. */
  band?: { low: readonly number[]; high: readonly number[] };
  /** Drawn lightly and left out of the legend: what a smoothed curve is made of. */
  faint?: boolean;
}

/** Points of one curve as the api gives them; times in milliseconds since the run began. */
export interface Series {
  steps: number[];
  epochs: number[];
  times: number[];
  values: number[];
}

/** A series with what it is called and drawn as. */
export interface NamedSeries extends Series, Pick<Curve, 'id' | 'label' | 'colour' | 'dashed'> {
  /** The epoch whose parameters are tested. */
  chosen?: number | null;
}

/** Where the points of a series stand on an axis. */
export function positions(series: Series, axis: Axis): number[] {
  if (axis === 'step') return series.steps;
  return axis === 'epoch' ? series.epochs : series.times;
}

/**
 * Exponentially weighted mean of the values so far. A point loses half of its weight over `halfLife` of x, so a
 * curve looks alike however densely it is sampled. What is not a number is left out of the mean, and is a gap here too.
 */
export function smoothed(x: readonly number[], y: readonly number[], halfLife: number): number[] {
  let [sum, weight] = [0, 0];
  return y.map((value, at) => {
    const decay = at === 0 ? 1 : 2 ** (-(x[at] - x[at - 1]) / halfLife);
    sum *= decay;
    weight *= decay;
    if (Number.isFinite(value)) {
      sum += value;
      weight += 1;
    }
    return Number.isFinite(value) ? sum / weight : Number.NaN;
  });
}

export interface CurveOptions {
  axis: Axis;
  /** Half-life of the smoothing as a share of the shown stretch; 0 for none. */
  smoothing: number;
}

/** A curve a series; with smoothing the points as they are behind it. Two points at one x become one, the last. */
export function curvesOf(all: readonly NamedSeries[], { axis, smoothing }: CurveOptions): Curve[] {
  return all.flatMap((series): Curve[] => {
    const { id, label, colour, dashed } = series;
    const { x, y } = growing(positions(series, axis), series.values);
    const curve = { id, label, colour, dashed, x, y };
    const stretch = x.length > 1 ? x[x.length - 1] - x[0] : 0;
    if (smoothing === 0 || stretch === 0) return [curve];
    const smooth = { ...curve, y: smoothed(x, y, smoothing * stretch) };
    return [{ ...curve, id: `${id} as logged`, faint: true }, smooth];
  });
}

/** A chart needs x to grow; points of one epoch or millisecond do not. */
export function growing(x: readonly number[], y: readonly number[]): { x: number[]; y: number[] } {
  const retained: { x: number[]; y: number[] } = { x: [], y: [] };
  for (const [at, value] of x.entries()) {
    const last = retained.x.length - 1;
    if (last >= 0 && value <= retained.x[last]) retained.y[last] = y[at];
    else {
      retained.x.push(value);
      retained.y.push(y[at]);
    }
  }
  return retained;
}

/**
 * The mean curve of a configuration's seeds with a standard deviation (n − 1) around it, over the stretch that all of
 * them cover. A seed counts between its points as the line that is drawn there.
 */
export function meanCurve(
  seeds: readonly Curve[],
  { id, label, colour }: Pick<Curve, 'id' | 'label' | 'colour'>,
): Curve {
  const from = Math.max(...seeds.map(({ x }) => x[0] ?? Number.POSITIVE_INFINITY));
  const to = Math.min(...seeds.map(({ x }) => x.at(-1) ?? Number.NEGATIVE_INFINITY));
  const x = [...new Set(seeds.flatMap((seed) => seed.x))]
    .filter((place) => place >= from && place <= to)
    .sort((a, b) => a - b);
  const lines = seeds.map((seed) => interpolated(seed, x));
  const y = x.map((_, at) => lines.reduce((sum, line) => sum + line[at], 0) / lines.length);
  const deviation = x.map((_, at) => {
    const squares = lines.reduce((sum, line) => sum + (line[at] - y[at]) ** 2, 0);
    return lines.length > 1 ? Math.sqrt(squares / (lines.length - 1)) : 0;
  });
  const low = y.map((value, at) => value - deviation[at]);
  const high = y.map((value, at) => value + deviation[at]);
  return { id, label, colour, x, y, band: { low, high } };
}

/** The values of a curve at places, on the straight lines between its points; the outermost ones go on. */
export function interpolated({ x, y }: Pick<Curve, 'x' | 'y'>, places: readonly number[]): number[] {
  let at = 0;
  return places.map((place) => {
    while (at < x.length - 1 && x[at + 1] <= place) at++;
    if (x[at] === place || x.length < 2) return y[at];
    const from = Math.min(at, x.length - 2);
    return y[from] + ((y[from + 1] - y[from]) * (place - x[from])) / (x[from + 1] - x[from]);
  });
}
