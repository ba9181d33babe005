/** The figures of a comparison, as the window and its reports draw them. `colours`: of the rows, by the ids of their first runs. */

import { metricDirection, metricLabel, signOf } from '../../../evaluation/metrics-table.ts';
import { type CurvesLook, curveFigure } from '../../../figures/curve-figure.ts';
import { type Curve, meanCurve, type NamedSeries, type Series } from '../../../figures/curves.ts';
import type { FigureColour, FigurePoint, FigureSeries, FigureSpec } from '../../../figures/spec.ts';
import { clippedApart, countText } from '../../../names.ts';
import { type Difference, differenceOf, differenceScale } from '../../difference-scale.ts';
import { fixed, signed, signedRange } from '../../format.ts';
import type { Comparison, ComparisonRow } from '../../types.ts';
import { bestFirst } from '../rows/order.ts';

export type RowColours = ReadonlyMap<string, FigureColour>;

/** A row's difference to the baseline with its interval. */
interface DifferencePoint extends Difference {
  name: string;
  /** Behind its number: "†" */
  mark?: string;
}

const NAME_LENGTH = 28;
const TICKS = 6;
const ROW = 26;

interface DifferencesFigure extends Pick<FigureSpec, 'title' | 'subtitle' | 'description' | 'fileName'> {
  /** In the order in which they are drawn. */
  points: readonly DifferencePoint[];
  colours: RowColours;
  /** 1 where higher is better, −1 where lower is. */
  sign: 1 | -1;
  decimals?: number;
  /** Each difference has its number, not only what is off the scale. */
  numbered?: boolean;
  /** A row of its own at 0, before the points from this place on. */
  baseline?: { name: string; at: number };
}

/**
 * A tile for each difference with its interval around the line of none, hollow where that crosses 0, or for one far worse than
 * the others an arrow with its number. Where nobody hits there is no interval to draw, and a number alone says so.
 */
export function differencesFigure(figure: DifferencesFigure): FigureSpec {
  const { points, colours, sign, decimals = 4, numbered = false, baseline, ...words } = figure;
  const scale = differenceScale(points, sign, TICKS);
  const drawn = points.filter(({ low, high }) => numbered || low !== 0 || high !== 0);
  const shorts = clippedApart(
    [...points, ...(baseline ? [baseline] : [])].map(({ name }) => name),
    NAME_LENGTH,
  );
  const rows = points.map((_, at) => shorts[at]);
  const shortOf = new Map(points.map(({ id }, at) => [id, shorts[at]]));
  const strong = baseline && shorts[points.length];
  if (baseline && strong) rows.splice(baseline.at, 0, strong);
  const [edge, beyond] = sign > 0 ? ([scale.low, -1] as const) : ([scale.high, 1] as const);
  const zero = { x: 0, shape: 'diamond', hollow: true } as const;
  return {
    ...words,
    along: 'x',
    height: ROW * rows.length + 40,
    x: { domain: [scale.low, scale.high], signed: true },
    y: { kind: 'names', names: rows, strong },
    rules: [{ axis: 'x', at: 0 }],
    names: 'none',
    series: [
      ...rowSeries(drawn, colours, ({ id, name, mark = '', difference, low, high }): FigurePoint => {
        const tip = `${name}: ${signed(difference, 4)}\n95 % interval ${signedRange([low, high], 4)}`;
        const number = signed(difference, decimals) + mark;
        const point = { y: shortOf.get(id) ?? name, tip, label: numbered ? number : undefined };
        if (scale.clipped.has(id)) return { ...point, x: edge, beyond, label: `${number}, off the scale` };
        return { ...point, x: difference, low, high, hollow: low <= 0 && high >= 0 };
        // The axis names the rows.
      }).map((row) => ({ ...row, label: undefined })),
      ...(strong ? [{ id: 'baseline', colour: 'text', points: [{ ...zero, y: strong }] }] : []),
    ],
  };
}

/** A series for each row, in its colour. */
export function rowSeries<P extends { id: string; name: string }>(
  all: readonly P[],
  colours: RowColours,
  pointOf: (one: P) => FigurePoint,
): FigureSeries[] {
  return [...Map.groupBy(all, ({ id }) => id)].map(([id, members]) => {
    return { id, label: members[0].name, colour: colours.get(id) ?? 'muted', points: members.map(pointOf) };
  });
}

/** A value for each row, with those of its seeds. */
export function valuesFigure(
  title: string,
  rows: readonly { id: string; name: string; value: number; seeds: readonly number[] }[],
  colours: RowColours,
  decimals: number,
): FigureSpec {
  const names = clippedApart(
    rows.map(({ name }) => name),
    NAME_LENGTH,
  );
  return {
    title,
    description: `${title}: ${rows.map(({ name, value }) => `${name} ${fixed(value, decimals)}`).join(', ')}`,
    fileName: title,
    along: 'x',
    height: ROW * rows.length + 40,
    x: {},
    y: { kind: 'names', names },
    names: 'none',
    series: rows.map(({ id, name, value, seeds }, at) => ({
      id,
      label: name,
      colour: colours.get(id) ?? 'muted',
      points: [
        ...(seeds.length > 1 ? seeds.map((x) => ({ x, y: names[at], hollow: true })) : []),
        { x: value, y: names[at], tip: `${name}: ${fixed(value, decimals)}` },
      ],
    })),
  };
}

/** Of each protocol the rows that were tested against its baseline by a metric, best first; none without a test. `titleOf` takes its name. */
export function testedFigures(
  comparison: TestedRows,
  at: number,
  colours: RowColours,
  titleOf: (baseline: string) => string = (baseline) =>
    `${comparison.columns[at].label}: difference to ${baseline}, 95 % interval`,
): FigureSpec[] {
  return comparison.protocols.flatMap(({ baseline, rows }) =>
    baseline === null ? [] : (testedFigure(comparison, at, colours, { baseline, rows, titleOf }) ?? []),
  );
}

type TestedRows = DrawnRows & Pick<Comparison, 'protocols' | 'baseline'>;

interface TestedProtocol {
  /** Places of the rows and of their baseline. */
  rows: readonly number[];
  baseline: number;
  titleOf(baseline: string): string;
}

function testedFigure(
  comparison: TestedRows,
  at: number,
  colours: RowColours,
  { rows: members, baseline, titleOf }: TestedProtocol,
): FigureSpec | null {
  const { label, decimals, direction } = comparison.columns[at];
  const own = members.map((row) => comparison.rows[row]);
  const rows = bestFirst({ ...comparison, rows: own, baseline: null }, at).filter(
    ({ cells, isBaseline }) => isBaseline || cells[at].significance,
  );
  const points = rows.flatMap((row) =>
    differenceOf(idOf(row), row.cells[at].significance).map((difference) => ({
      ...difference,
      name: row.name,
    })),
  );
  if (points.length === 0) return null;
  const base = comparison.rows[baseline];
  const title = titleOf(base.name);
  return differencesFigure({
    ...{ title, points, decimals, colours, sign: signOf(direction) },
    description: `${title}, ${countText(points.length, 'run')}`,
    fileName: `difference-${label}`,
    baseline: { name: base.name, at: rows.indexOf(base) },
  });
}

/** What is drawn of the rows of a comparison. */
interface DrawnRows extends Pick<Comparison, 'columns' | 'otherColumns'> {
  rows: readonly (Pick<ComparisonRow, 'name' | 'cells' | 'others' | 'protocol' | 'isBaseline'> & {
    runs: readonly { id: string; name: string }[];
  })[];
}

const idOf = ({ runs: [{ id }] }: DrawnRows['rows'][number]) => id;

/** Curves of runs under their names, in the colours of their rows. */
export function namedSeries(
  curves: readonly (Series & { run: string })[],
  { rows }: DrawnRows,
  colours: RowColours,
): NamedSeries[] {
  return curves.map((curve) => {
    const row = rows.find(({ runs }) => runs.some(({ id }) => id === curve.run));
    const run = row?.runs.find(({ id }) => id === curve.run);
    const label = row?.runs.length === 1 ? row.name : (run?.name ?? curve.run);
    return { ...curve, id: curve.run, label, colour: (row && colours.get(idOf(row))) ?? 'muted' };
  });
}

/** A curve for each row: its run's, or the mean of its seeds. */
export function rowMeans(all: readonly Curve[], { rows }: DrawnRows, colours: RowColours): Curve[] {
  return rows.flatMap((row) => {
    const seeds = all.filter(({ id, faint }) => !faint && row.runs.some((run) => run.id === id));
    if (seeds.length < 2) return seeds;
    const [id, label] = [idOf(row), `${row.name}, ${seeds.length} seeds`];
    return [meanCurve(seeds, { id, label, colour: colours.get(id) ?? 'muted' })];
  });
}

/** What the rows without a curve reach by the metric, as models that are fitted in one go. */
export function rowLevels(
  { rows, columns, otherColumns }: DrawnRows,
  series: readonly NamedSeries[],
  metric: string,
  colours: RowColours,
) {
  const named = ({ name }: { name: string }) => name === metric;
  const [column, other] = [columns.findIndex(named), otherColumns.findIndex(named)];
  return rows.flatMap((row) => {
    const value = column >= 0 ? row.cells[column].mean : (row.others[other] ?? null);
    const hasCurve = series.some((one) => row.runs.some((run) => run.id === one.id));
    if (hasCurve || value === null) return [];
    const id = idOf(row);
    return [{ id, label: row.name, colour: colours.get(id) ?? 'muted', value }];
  });
}

/** Of the best point of each curve: 1 where higher is better, −1 where lower is; null for what is not chosen by. */
export function choosingSign(metric: string): 1 | -1 | null {
  const direction = metricDirection(metric);
  return metric.startsWith('valid/') && direction !== 'none' ? signOf(direction) : null;
}

/** The most telling curve of each row by epoch, seeds as mean and band. */
export function trainingFigure(
  comparison: DrawnRows,
  metric: string,
  curves: readonly (Series & { run: string })[],
  colours: RowColours,
  look: Pick<CurvesLook, 'height'> = {},
): FigureSpec {
  const series = namedSeries(curves, comparison, colours);
  const levels = rowLevels(comparison, series, metric, colours);
  const title = metricLabel(metric);
  return curveFigure(
    { title, fileName: `training-${title}`, series, levels, best: choosingSign(metric) },
    {
      ...look,
      view: { axis: 'epoch', smoothing: 0, logarithmic: false },
      all: series,
      range: null,
      combine: (all) => rowMeans(all, comparison, colours),
    },
  );
}
