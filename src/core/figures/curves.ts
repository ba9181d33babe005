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

/** A curve a series. Two points at one x become one, the last. */
export function curvesOf(all: readonly NamedSeries[], axis: Axis): Curve[] {
  return all.map((series) => {
    const { id, label, colour, dashed } = series;
    return { id, label, colour, dashed, ...growing(positions(series, axis), series.values) };
  });
}

/** Curves smoothed alike, however far each goes, and behind each its points as they are; 0 smooths nothing. */
export function smoothedCurves(curves: readonly Curve[], halfLife: number): Curve[] {
  if (halfLife === 0) return [...curves];
  return curves.flatMap((curve) => [
    { ...curve, id: `${curve.id} as logged`, faint: true },
    { ...curve, y: smoothed(curve.x, curve.y, halfLife) },
  ]);
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
 * The mean curve of a configuration's seeds with a standard deviation (n − 1) around it. A seed counts between its points
 * as the line that is drawn there. The mean goes on without a seed that ends earlier, and its label says from where.
 */
export function meanCurve(
  seeds: readonly Curve[],
  { id, label, colour }: Pick<Curve, 'id' | 'label' | 'colour'>,
): Curve {
  const from = Math.max(...seeds.map(({ x }) => x[0] ?? Number.POSITIVE_INFINITY));
  const ends = seeds.map(({ x }) => x.at(-1) ?? Number.NEGATIVE_INFINITY);
  const x = [...new Set(seeds.flatMap((seed) => seed.x))]
    .filter((place) => place >= from)
    .sort((a, b) => a - b);
  const lines = seeds.map((seed) => interpolated(seed, x));
  const there = x.map((place, at) => lines.flatMap((line, seed) => (place <= ends[seed] ? [line[at]] : [])));
  const y = there.map((values) => values.reduce((sum, value) => sum + value, 0) / values.length);
  const deviation = there.map((values, at) => {
    const squares = values.reduce((sum, value) => sum + (value - y[at]) ** 2, 0);
    return values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0;
  });
  const low = y.map((value, at) => value - deviation[at]);
  const high = y.map((value, at) => value + deviation[at]);
  const [earliest, last] = [Math.min(...ends), Math.max(...ends)];
  const fewer = earliest < last ? `, fewer after ${Number(earliest.toPrecision(3))}` : '';
  return { id, label: label + fewer, colour, x, y, band: { low, high } };
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
