/** From stored series to the curves of a chart. No React here. */
import { findMetric } from '../../core/api/metrics.ts';
import type { FigureColour, Range } from './figure-spec.ts';

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

export interface Panel {
  title: string;
  metrics: string[];
}

/** Metrics of one measure share a panel, whatever their split and cut-off: their values are of one kind. */
export function panelsOf(metrics: readonly string[]): Panel[] {
  const byMeasure = Map.groupBy(metrics, (metric) => {
    const measure = metric.split('/').at(-1) ?? metric;
    return measure.split('@')[0];
  });
  return [...byMeasure].map(([measure, members]) => ({
    title: findMetric(members[0])?.metric.title ?? measure,
    metrics: members,
  }));
}

/** Decimals in which all values of the curves have equally many, four digits of the largest among them. */
export function sharedDecimals(curves: readonly Pick<Curve, 'y'>[]): number {
  const largest = curves.reduce(
    (most, { y }) => y.reduce((max, value) => Math.max(max, Math.abs(value) || 0), most),
    0,
  );
  return Number.isFinite(largest) && largest > 0
    ? Math.min(8, Math.max(0, 3 - Math.floor(Math.log10(largest))))
    : 0;
}

const USUAL = /loss$|@10$|mrr$|^train\/(reconstruction|commitment)$|^ids\//;

/** What is shown before anyone has chosen: the losses, of the validation metrics those cut at 10, and those of IDs. */
export function usualMetrics(logged: readonly string[]): string[] {
  const usual = logged.filter((metric) => USUAL.test(metric));
  return usual.length > 0 ? usual : logged.slice(0, 6);
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
function growing(x: readonly number[], y: readonly number[]): { x: number[]; y: number[] } {
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

/** A stretch of one axis: steps, epochs, or milliseconds since the run began. */
export interface Zoom extends Range {
  axis: Axis;
}

/** Where a stretch lies on an axis, by the first series that has several points; null where none has, or no stretch is left. */
export function rangeOn(all: readonly Series[], zoom: Zoom, axis: Axis): Range | null {
  if (axis === zoom.axis) return { from: zoom.from, to: zoom.to };
  for (const series of all) {
    const line = growing(positions(series, zoom.axis), positions(series, axis));
    if (line.x.length < 2) continue;
    const [from, to] = interpolated(line, [zoom.from, zoom.to]);
    return to > from ? { from, to } : null;
  }
  return null;
}

/** First and last step of a run within a stretch. */
export function stepsOf(run: readonly Series[], zoom: Zoom): Range | null {
  const range = rangeOn(run, zoom, 'step');
  return range && { from: Math.max(0, Math.floor(range.from)), to: Math.max(0, Math.ceil(range.to)) };
}

/** Points of a stretch in detail between those of the whole curve, so that lines go on beyond the window. */
export function withDetail<S extends Series>(whole: S, detail: Series | undefined, { from, to }: Range): S {
  if (!detail) return whole;
  const sides = [
    (step: number) => step < Math.min(from, detail.steps[0] ?? to),
    (step: number) => step > Math.max(to, detail.steps.at(-1) ?? from),
  ];
  const joined = <K extends keyof Series>(key: K): number[] => [
    ...whole[key].filter((_, at) => sides[0](whole.steps[at])),
    ...detail[key],
    ...whole[key].filter((_, at) => sides[1](whole.steps[at])),
  ];
  return {
    ...whole,
    steps: joined('steps'),
    epochs: joined('epochs'),
    times: joined('times'),
    values: joined('values'),
  };
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
function interpolated({ x, y }: Pick<Curve, 'x' | 'y'>, places: readonly number[]): number[] {
  let at = 0;
  return places.map((place) => {
    while (at < x.length - 1 && x[at + 1] <= place) at++;
    if (x[at] === place || x.length < 2) return y[at];
    const from = Math.min(at, x.length - 2);
    return y[from] + ((y[from + 1] - y[from]) * (place - x[from])) / (x[from + 1] - x[from]);
  });
}
