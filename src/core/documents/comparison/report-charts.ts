import { metricDirection, metricLabel, signOf } from '../../evaluation/metrics-table.ts';
import { standardDeviation } from '../../evaluation/significance.ts';
import { type Curve, dotChart, lineChart } from '../charts.ts';
import { type DocumentFigure, type DocumentSection, figure } from '../document.ts';
import { colourIndexes } from '../run-colours.ts';
import type { Comparison, ComparisonRow, MetricColumn, WriteOptions } from '../types.ts';

/** How many metrics have curves where none were chosen: the one that selects the epoch. */
const CURVE_CHARTS = 1;
/** Width of a page without its margins. */
const PAGE_WIDTH = 666;

/** Colour of each row, the same here and in the window. */
export function rowColours({ rows }: Comparison): number[] {
  const runs = rows.map(({ model, runs: [{ id }] }) => ({ id, model }));
  const indexes = colourIndexes(runs);
  return runs.map(({ id }) => indexes.get(id) ?? 0);
}

/** Differences to the baseline with their intervals where they were tested, else the values with their seeds. */
function metricFigure(comparison: Comparison, column: MetricColumn, at: number): DocumentFigure[] {
  const { rows, baseline } = comparison;
  const colours = rowColours(comparison);
  const tested = rows.flatMap((row, index) => {
    const significance = row.cells[at].significance;
    if (!significance) return [];
    const { difference, interval } = significance;
    return [{ name: row.name, colour: colours[index], value: difference, interval, seeds: [] }];
  });
  if (baseline !== null && tested.length > 0) {
    const caption = `${column.label}: difference to ${rows[baseline].name}, 95 % interval`;
    return figure(caption, dotChart(caption, tested, true));
  }
  if (comparison.protocols.length > 1) return [];
  const dots = rows.flatMap((row, index) => {
    const { mean, values } = row.cells[at];
    return mean === null
      ? []
      : [
          {
            name: row.name,
            colour: colours[index],
            value: mean,
            interval: null,
            seeds: values.length > 1 ? values : [],
          },
        ];
  });
  return dots.length < 2 ? [] : figure(column.label, dotChart(column.label, dots, false));
}

function curveFigures(comparison: Comparison, requested: readonly string[] | undefined): DocumentFigure[] {
  const { rows } = comparison;
  const colours = rowColours(comparison);
  const names = new Set(
    rows.flatMap((row) => row.runs.flatMap((run) => run.series?.map(({ metric }) => metric) ?? [])),
  );
  const weight = (name: string) =>
    /^(valid|test)\/ndcg@10$/.test(name) ? 0 : /loss$/.test(name) ? 1 : /^(valid|test)\//.test(name) ? 2 : 3;
  const chosen =
    requested?.filter((name) => names.has(name)) ??
    [...names].sort((a, b) => weight(a) - weight(b) || a.localeCompare(b)).slice(0, CURVE_CHARTS);
  return chosen.flatMap((metric) => {
    const curves = rows.flatMap((row, index) => rowCurves(row, metric, colours[index]));
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

/** Dot charts of the columns, and the training curves, as far as there is something to draw. */
export function chartSections(comparison: Comparison, curves: WriteOptions['curves']): DocumentSection[] {
  const colours = rowColours(comparison);
  const legend = comparison.rows.flatMap(({ name, runs }, index) =>
    runs.some((run) => (run.series ?? []).length > 0) ? [{ name, colour: colours[index] }] : [],
  );
  const metrics = comparison.columns.flatMap((column, at) => metricFigure(comparison, column, at));
  return [
    { title: 'Training', part: 'curves', isBare: true, figures: curveFigures(comparison, curves), legend },
    { title: 'Metrics', part: 'charts', figures: metrics },
  ];
}
