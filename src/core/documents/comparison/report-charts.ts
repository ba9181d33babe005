import { metricDirection, metricLabel, signOf } from '../../evaluation/metrics-table.ts';
import { standardDeviation } from '../../evaluation/significance.ts';
import { type Curve, dotChart, forestChart, lineChart } from '../charts.ts';
import { differenceOf, differenceScale } from '../difference-scale.ts';
import { type DocumentFigure, type DocumentSection, figure } from '../document.ts';
import { colourIndexes } from '../run-colours.ts';
import type { Comparison, ComparisonRow, MetricColumn, WriteOptions } from '../types.ts';
import { bestFirst } from './order.ts';

/** How many metrics have curves where none were chosen: the one that selects the epoch. */
const CURVE_CHARTS = 1;
/** Of an axis of differences. */
const TICKS = 6;
/** Width of a page without its margins. */
const PAGE_WIDTH = 666;
/** Of charts beside each other. */
const COLUMN_WIDTH = 460;

/** Colours of rows, the same here and in the window. */
export function rowColours({ rows }: Comparison): (row: ComparisonRow) => number {
  const runs = rows.map(({ model, runs: [{ id }] }) => ({ id, model }));
  const indexes = colourIndexes(runs);
  return ({ runs: [{ id }] }) => indexes.get(id) ?? 0;
}

/** The rows that were tested against the baseline by a metric, best first, with their intervals; none without a test. */
export function differenceFigure(
  comparison: Comparison,
  at: number,
  caption: string,
  width = PAGE_WIDTH,
): DocumentFigure[] {
  const { decimals, direction } = comparison.columns[at];
  const ordered = bestFirst(comparison, at).filter(
    ({ cells, isBaseline }) => isBaseline || cells[at].significance,
  );
  const differences = ordered.flatMap(({ runs: [{ id }], cells }) =>
    differenceOf(id, cells[at].significance ?? undefined),
  );
  if (differences.length === 0) return [];
  const scale = differenceScale(differences, signOf(direction), TICKS);
  const colourOf = rowColours(comparison);
  const lines = ordered.map((row) => {
    const [{ id }] = row.runs;
    return {
      name: row.name,
      colour: colourOf(row),
      isBaseline: row.isBaseline,
      difference: differences.find((one) => one.id === id) ?? null,
      isClipped: scale.clipped.has(id),
    };
  });
  return figure(caption, forestChart(caption, lines, scale, { decimals, width }));
}

/** Differences to the baseline with their intervals where they were tested, else the values with their seeds. */
function metricFigure(comparison: Comparison, { label }: MetricColumn, at: number): DocumentFigure[] {
  const { rows, baseline, protocols } = comparison;
  const compared = baseline === null ? '' : `${label}: difference to ${rows[baseline].name}, 95 % interval`;
  const tested = differenceFigure(comparison, at, compared, COLUMN_WIDTH);
  if (tested.length > 0 || protocols.length > 1) return tested;
  const colourOf = rowColours(comparison);
  const dots = rows.flatMap((row) => {
    const { mean, values } = row.cells[at];
    const seeds = values.length > 1 ? values : [];
    return mean === null ? [] : [{ name: row.name, colour: colourOf(row), value: mean, seeds }];
  });
  return dots.length < 2 ? [] : figure(label, dotChart(label, dots));
}

function curveFigures(comparison: Comparison, requested: readonly string[] | undefined): DocumentFigure[] {
  const { rows } = comparison;
  const colourOf = rowColours(comparison);
  const names = new Set(
    rows.flatMap((row) => row.runs.flatMap((run) => run.series?.map(({ metric }) => metric) ?? [])),
  );
  const weight = (name: string) =>
    /^(valid|test)\/ndcg@10$/.test(name) ? 0 : /loss$/.test(name) ? 1 : /^(valid|test)\//.test(name) ? 2 : 3;
  const chosen =
    requested?.filter((name) => names.has(name)) ??
    [...names].sort((a, b) => weight(a) - weight(b) || a.localeCompare(b)).slice(0, CURVE_CHARTS);
  return chosen.flatMap((metric) => {
    const curves = rows.flatMap((row) => rowCurves(row, metric, colourOf(row)));
    const bands = curves.some(({ spread }) => spread) ? '; band: ± standard deviation over seeds' : '';
    const marks = curves.some(({ marked }) => marked !== undefined) ? '; diamond: best' : '';
    const caption = `${seriesTitle(metric)} by step${marks}${bands}`;
    return figure(caption, lineChart(caption, curves, PAGE_WIDTH));
  });
}

const SPLITS: Record<string, string> = { valid: 'Validation', train: 'Training', test: 'Test' };

/** "Validation NDCG@10", "Training loss" */
function seriesTitle(metric: string): string {
  const [split, ...rest] = metric.split('/');
  if (rest.length === 0 || !(split in SPLITS)) return metricLabel(metric);
  const label = metricLabel(rest.join('/'));
  return `${SPLITS[split]} ${/^[A-Z][a-z]/.test(label) ? label.toLowerCase() : label}`;
}

/** The curve of a row: the mean of its seeds where they share their steps, else a curve a seed. */
function rowCurves({ name, runs }: ComparisonRow, metric: string, colour: number): Curve[] {
  const series = runs.flatMap((run) => (run.series ?? []).filter((one) => one.metric === metric));
  const all = series.map(({ steps, values }) => new Map(Array.from(steps, (step, at) => [step, values[at]])));
  const shared = [...(all[0]?.keys() ?? [])].filter((step) =>
    all.every((one) => Number.isFinite(one.get(step))),
  );
  if (series.length < 2 || shared.length < 2) {
    return series.map(({ steps, values }) => ({
      name,
      colour,
      steps,
      values,
      marked: bestPlace(metric, values),
    }));
  }
  const points = shared.map((step) => all.map((one) => one.get(step) ?? Number.NaN));
  const values = points.map((seeds) => seeds.reduce((sum, value) => sum + value, 0) / seeds.length);
  const spread = points.map(standardDeviation);
  return [{ name, colour, steps: shared, values, spread, marked: bestPlace(metric, values) }];
}

/** Of a metric that is measured after training steps; the loss of training itself has no best. */
function bestPlace(metric: string, values: ArrayLike<number>): number | undefined {
  const direction = metricDirection(metric);
  if (!metric.startsWith('valid/') || direction === 'none') return undefined;
  const sign = signOf(direction);
  return Array.from(values).reduce<number | undefined>(
    (best, value, at) =>
      Number.isFinite(value) && (best === undefined || sign * value > sign * values[best]) ? at : best,
    undefined,
  );
}

/** The training curves of the rows, as far as there are any. */
export function curveSection(comparison: Comparison, curves: WriteOptions['curves']): DocumentSection {
  const colourOf = rowColours(comparison);
  const legend = comparison.rows.flatMap((row) =>
    row.runs.some((run) => (run.series ?? []).length > 0) ? [{ name: row.name, colour: colourOf(row) }] : [],
  );
  return {
    title: 'Training',
    part: 'curves',
    isBare: true,
    figures: curveFigures(comparison, curves),
    legend,
  };
}

/** A chart of each metric. */
export function metricCharts(comparison: Comparison): DocumentSection {
  const figures = comparison.columns.flatMap((column, at) => metricFigure(comparison, column, at));
  return { title: 'Metrics', part: 'charts', figures };
}
