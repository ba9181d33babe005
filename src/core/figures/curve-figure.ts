/** The figure of curves over a training. */
import {
  type Axis,
  type Curve,
  curvesOf,
  type NamedSeries,
  positions,
  type Series,
  smoothedCurves,
} from './curves.ts';
import { type FigureMark, type FigureSeries, type FigureSpec, namesFor, type Range } from './spec.ts';

export interface CurvePanel {
  title: string;
  subtitle?: string;
  fileName: string;
  series: readonly NamedSeries[];
  /** Values that do not change while others train: level lines. */
  levels?: readonly (Pick<NamedSeries, 'id' | 'label' | 'colour'> & { value: number })[];
  /** Marks the best point of each curve: the highest (1) or the lowest (−1) one. */
  best?: 1 | -1 | null;
}

/** What figures side by side have in common. */
export interface CurvesLook {
  view: {
    axis: Axis;
    /** Half-life as a share of the shown stretch; 0 for none. */
    smoothing: number;
    logarithmic: boolean;
  };
  /** Of all of them, which share one x axis. */
  all: readonly NamedSeries[];
  /** The part of that axis that is shown; times in milliseconds. */
  range: Range | null;
  height?: number;
  /** How many epochs the training may take; what is not measured yet is hatched. */
  planned?: number | null;
  /** From the curves of runs to those that are drawn. */
  combine?(curves: readonly Curve[]): Curve[];
}

/** How many of an axis's own units its figures show as one. */
export const axisUnit = (axis: Axis, all: readonly Series[]): number =>
  axis === 'time' ? timeUnit(all).ms : 1;

export function curveFigure(panel: CurvePanel, look: CurvesLook): FigureSpec {
  const { title, subtitle, fileName } = panel;
  const { view, all, range, height = 240, planned = null, combine } = look;
  const { axis, smoothing, logarithmic } = view;
  const [unit, scale] = [timeUnit(all), axisUnit(axis, all)];
  const [last, end] = reachOf(all, axis, planned);
  const domain = [0, (end ?? last) / scale] as const;
  const shown = range && { from: range.from / scale, to: range.to / scale };
  const scaled = panel.series.map((one) => ({ ...one, times: one.times.map((time) => time / unit.ms) }));
  const combined = (curves: Curve[]) => combine?.(curves) ?? curves;
  const logged = curvesOf(scaled, axis);
  const stretch = shown ? shown.to - shown.from : last / scale;
  const levels = (panel.levels ?? []).map(({ value, ...level }) => {
    return { ...level, dashed: true, x: domain, y: [value, value] };
  });
  const series = [...combined(smoothedCurves(logged, smoothing * stretch)), ...levels].map(curveSeries);
  const label = { step: 'Step', epoch: 'Epoch', time: unit.label }[axis];
  const names = series.flatMap(({ label: name, faint }) => (faint ? [] : [name]));
  return {
    title,
    subtitle,
    fileName,
    description: `${title}: ${names.join(', ')}; by ${label.toLowerCase()}`,
    height,
    x: { label, whole: axis !== 'time', domain },
    y: { kind: logarithmic ? 'log' : 'numbers' },
    series,
    names: namesFor(series),
    range: shown,
    // Of what was logged: smoothing moves a line's best point away from the epoch that is tested.
    marks: panel.best
      ? combined(logged).flatMap((curve) => bestMark(curve, panel.best ?? 1))
      : marksOf(panel, axis, scale),
    future: end !== null && end > last ? last / scale : null,
    crosshair: `curves by ${axis}`,
  };
}

/** As a figure draws it. */
function curveSeries({ id, label, colour, dashed, faint, x, y, band }: Curve): FigureSeries {
  const points = x.map((at, place) => ({
    x: at,
    y: y[place],
    ...(band && { low: band.low[place], high: band.high[place] }),
  }));
  return { id, label, colour, dashed, faint, points, line: 'straight', spread: 'band' };
}

const UNITS = [
  { label: 'Hours since the start', ms: 3_600_000 },
  { label: 'Minutes since the start', ms: 60_000 },
  { label: 'Seconds since the start', ms: 1_000 },
];

/** The largest unit of which the longest training takes a few. */
function timeUnit(all: readonly Series[]): (typeof UNITS)[number] {
  const longest = Math.max(0, ...all.map(({ times }) => times.at(-1) ?? 0));
  return UNITS.find(({ ms }) => longest >= 3 * ms) ?? UNITS[UNITS.length - 1];
}

/** How far the series have come, and how far they may go where that is known. */
function reachOf(all: readonly NamedSeries[], axis: Axis, planned: number | null): [number, number | null] {
  const most = (along: Axis) => Math.max(0, ...all.map((one) => positions(one, along).at(-1) ?? 0));
  const [last, epochs] = [most(axis), most('epoch')];
  if (planned === null || epochs === 0) return [last || 1, null];
  // What an epoch takes is known from those that are over.
  return [last, Math.max(last, (last * planned) / epochs)];
}

/** The best point of a line. */
function bestMark({ id, x, y }: Curve, sign: 1 | -1): FigureMark[] {
  let best = -1;
  for (const [at, value] of y.entries())
    if (Number.isFinite(value) && (best < 0 || sign * value > sign * y[best])) best = at;
  return best < 0 ? [] : [{ x: x[best], series: id, label: '' }];
}

/** Where the epoch was measured whose parameters are tested; told in words where one line alone has it. */
function marksOf({ series }: CurvePanel, axis: Axis, scale: number): FigureMark[] {
  const places = series.flatMap((one) => {
    const { chosen } = one;
    const at = chosen == null ? -1 : one.epochs.lastIndexOf(chosen);
    return at < 0
      ? []
      : [{ x: positions(one, axis)[at] / scale, series: one.id, label: `best, epoch ${chosen}` }];
  });
  const alike = new Set(places.map(({ x }) => x)).size === 1;
  return places.map((mark, at) => (alike && at === 0 ? mark : { ...mark, label: '' }));
}
