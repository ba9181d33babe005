import { metricLabel } from '../../evaluation/metrics-table.ts';
import { dotChart, lineChart } from '../charts.ts';
import { type DocumentFigure, type DocumentSection, figure } from '../document.ts';
import { colourIndexes } from '../run-colours.ts';
import type { Comparison, MetricColumn, WriteOptions } from '../types.ts';

/** How many metrics have curves: first those that select the epoch, then losses. */
const CURVE_CHARTS = 4;

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
    const curves = rows.flatMap((row, index) =>
      row.runs.flatMap((run) =>
        (run.series ?? [])
          .filter((series) => series.metric === metric)
          .map(({ steps, values }) => ({ name: run.name, colour: colours[index], steps, values })),
      ),
    );
    const [split, ...rest] = metric.split('/');
    const place = split === 'valid' ? 'validation' : split;
    const caption = `${rest.length > 0 ? `${metricLabel(rest.join('/'))}, ${place}` : metric}, by step`;
    return figure(caption, lineChart(caption, curves));
  });
}

/** Dot charts of the columns, and the training curves, as far as there is something to draw. */
export function chartSections(comparison: Comparison, curves: WriteOptions['curves']): DocumentSection[] {
  const colours = rowColours(comparison);
  const legend = comparison.rows.flatMap(({ name, runs }, index) =>
    runs.some((run) => (run.series ?? []).length > 0) ? [{ name, colour: colours[index] }] : [],
  );
  const metrics = comparison.columns.flatMap((column, at) => metricFigure(comparison, column, at));
  return [
    { title: 'Metrics', part: 'charts', figures: metrics },
    { title: 'Training', part: 'curves', figures: curveFigures(comparison, curves), legend },
  ];
}
