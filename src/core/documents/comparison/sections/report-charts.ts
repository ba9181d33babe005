import { mostTellingFirst } from '../../../evaluation/metrics-table.ts';
import { type DocumentFigure, type DocumentSection, figure } from '../../document.ts';
import { colourIndexes } from '../../run-colours.ts';
import type { Comparison, ComparisonRow, MetricColumn, WriteOptions } from '../../types.ts';
import { choosingSign, type RowColours, testedFigures, trainingFigure, valuesFigure } from './figures.ts';

/** How many metrics have curves where none were chosen: the one that selects the epoch. */
const CURVE_CHARTS = 1;

/** Colours of rows by the ids of their first runs, the same here and in the window. */
function coloursOf({ rows }: Comparison): Map<string, number> {
  return colourIndexes(rows.map(({ model, runs: [{ id }] }) => ({ id, model })));
}

/** The same by row. */
export function rowColours(comparison: Comparison): (row: ComparisonRow) => number {
  const indexes = coloursOf(comparison);
  return ({ runs: [{ id }] }) => indexes.get(id) ?? 0;
}

/** Of each protocol the rows that were tested against its baseline by a metric, with their intervals; none without a test. */
export function differenceFigures(
  comparison: Comparison,
  at: number,
  titleOf?: (baseline: string) => string,
): DocumentFigure[] {
  return testedFigures(comparison, at, coloursOf(comparison), titleOf).flatMap((spec) =>
    figure(spec.title, spec),
  );
}

/** Differences to the baseline with their intervals where they were tested, else the values with their seeds. */
function metricFigure(comparison: Comparison, column: MetricColumn, at: number): DocumentFigure[] {
  const { rows, protocols } = comparison;
  const { label, decimals } = column;
  const tested = differenceFigures(comparison, at);
  if (tested.length > 0 || protocols.length > 1) return tested;
  const known = rows.flatMap(({ name, runs: [{ id }], cells }) => {
    const { mean, values } = cells[at];
    return mean === null ? [] : [{ id, name, value: mean, seeds: values }];
  });
  return known.length < 2 ? [] : figure(label, valuesFigure(label, known, coloursOf(comparison), decimals));
}

function curveFigures(
  comparison: Comparison,
  requested: readonly string[] | undefined,
  colours: RowColours,
): DocumentFigure[] {
  const runs = comparison.rows.flatMap((row) => row.runs);
  const logged = runs.flatMap(({ id, series }) => (series ?? []).map((one) => ({ ...one, run: id })));
  const names = new Set(logged.map(({ metric }) => metric));
  const chosen =
    requested?.filter((name) => names.has(name)) ?? mostTellingFirst(names).slice(0, CURVE_CHARTS);
  return chosen.flatMap((metric) => {
    const curves = logged.filter(
      (one) => one.metric === metric && one.values.filter(Number.isFinite).length > 1,
    );
    if (curves.length === 0) return [];
    const spec = trainingFigure(comparison, metric, curves, colours);
    const bands = spec.series.some(({ points }) => points.some(({ low }) => low !== undefined));
    const notes = [
      ...(choosingSign(metric) === null ? [] : ['diamond: best']),
      ...(bands ? ['band: ± standard deviation over seeds'] : []),
    ];
    return figure([`${spec.title} by epoch`, ...notes].join('; '), spec);
  });
}

/** The training curves of the rows, as far as there are any. */
export function curveSection(comparison: Comparison, curves: WriteOptions['curves']): DocumentSection {
  const figures = curveFigures(comparison, curves, coloursOf(comparison));
  return { title: 'Training', part: 'curves', isBare: true, figures };
}

/** A chart of each metric. */
export function metricCharts(comparison: Comparison): DocumentSection {
  const figures = comparison.columns.flatMap((column, at) => metricFigure(comparison, column, at));
  return { title: 'Metrics', part: 'charts', figures };
}
