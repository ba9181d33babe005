import { COLOURS, dotChart, lineChart } from './charts.ts';
import { metricLabel } from './columns.ts';
import { escapeHtml } from './text.ts';
import type { Comparison, MetricColumn } from './types.ts';

/** Curves of at most this many metrics are drawn: what was selected on first, then the losses. */
const CURVE_CHARTS = 4;

function figure(caption: string, chart: string | null): string {
  return chart === null ? '' : `<figure><figcaption>${escapeHtml(caption)}</figcaption>${chart}</figure>`;
}

/** Differences to the baseline with their intervals where they were tested, else the values with their seeds. */
function metricFigure(comparison: Comparison, column: MetricColumn, at: number): string {
  const { rows, baseline } = comparison;
  const tested = rows.flatMap((row, index) => {
    const significance = row.cells[at].significance;
    if (!significance) return [];
    const { difference, interval } = significance;
    return [{ name: row.name, colour: index, value: difference, interval, seeds: [] }];
  });
  if (baseline !== null && tested.length > 0) {
    const caption = `${column.label}: difference to ${rows[baseline].name}, 95 % interval`;
    return figure(caption, dotChart(caption, tested, true));
  }
  if (comparison.protocols.length > 1) return '';
  const dots = rows.flatMap((row, index) => {
    const { mean, values } = row.cells[at];
    return mean === null
      ? []
      : [
          {
            name: row.name,
            colour: index,
            value: mean,
            interval: null,
            seeds: values.length > 1 ? values : [],
          },
        ];
  });
  return dots.length < 2 ? '' : figure(column.label, dotChart(column.label, dots, false));
}

function curveFigures(comparison: Comparison): string[] {
  const { rows } = comparison;
  const names = new Set(
    rows.flatMap((row) => row.runs.flatMap((run) => run.series?.map(({ metric }) => metric) ?? [])),
  );
  const weight = (name: string) =>
    /^(valid|test)\/ndcg@10$/.test(name) ? 0 : /loss$/.test(name) ? 1 : /^(valid|test)\//.test(name) ? 2 : 3;
  const chosen = [...names]
    .sort((a, b) => weight(a) - weight(b) || a.localeCompare(b))
    .slice(0, CURVE_CHARTS);
  return chosen.map((metric) => {
    const curves = rows.flatMap((row, index) =>
      row.runs.flatMap((run) =>
        (run.series ?? [])
          .filter((series) => series.metric === metric)
          .map(({ steps, values }) => ({ name: run.name, colour: index, steps, values })),
      ),
    );
    const [split, ...rest] = metric.split('/');
    const place = split === 'valid' ? 'validation' : split;
    const caption = `${rest.length > 0 ? `${metricLabel(rest.join('/'))}, ${place}` : metric}, by step`;
    return figure(caption, lineChart(caption, curves));
  });
}

/** The rows that have a curve, with their colours. */
function legend(comparison: Comparison): string {
  const entries = comparison.rows.flatMap((row, index) =>
    row.runs.some((run) => (run.series ?? []).length > 0)
      ? [`<span><span class="swatch back${index % COLOURS}"></span>${escapeHtml(row.name)}</span>`]
      : [],
  );
  return `<div class="legend">${entries.join('')}</div>`;
}

/** Dot charts of the columns and the training curves; empty when there is nothing to draw. */
export function chartSection(comparison: Comparison): string {
  const metrics = comparison.columns
    .map((column, at) => metricFigure(comparison, column, at))
    .filter(Boolean);
  const curves = curveFigures(comparison).filter(Boolean);
  const effect = metrics.length > 0 ? `<h2>Metrics</h2><div class="charts">${metrics.join('')}</div>` : '';
  const training =
    curves.length > 0
      ? `<h2>Training</h2>${legend(comparison)}<div class="charts">${curves.join('')}</div>`
      : '';
  return effect + training;
}
