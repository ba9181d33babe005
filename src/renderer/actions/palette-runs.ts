/** Runs as the palette names and orders them. */

import { metricDirection } from '../../core/api/metrics.ts';
import { isSimpleBaseline } from '../../core/api/models.ts';
import { labelText, type MetricCell, type RunTableRow } from '../../core/api/runs.ts';
import { countText } from '../format/format.ts';
import { MAIN_RESULTS } from '../runs/main-metrics.ts';

/** The metric that says how good a row is; undefined before it has one. */
export function mainCell({
  metrics,
}: Pick<RunTableRow, 'metrics'>): { metric: string; cell: MetricCell } | undefined {
  const metric = MAIN_RESULTS.find((name) => name in metrics);
  return metric === undefined ? undefined : { metric, cell: metrics[metric] };
}

/** As the table of runs calls it. */
export const rowTitle = ({ label }: RunTableRow): string => labelText(label);

/** "beauty, 3 seeds" */
export function rowContext({ dataset, program, runs, study }: RunTableRow): string {
  const of = study ? countText(runs.length, 'run') : runs.length > 1 ? countText(runs.length, 'seed') : '';
  return [dataset?.name, program, of].filter(Boolean).join(', ');
}

/** What trains first, then the best of each metric, then what has no result; studies among the last. */
export function inOrder(rows: readonly RunTableRow[]): RunTableRow[] {
  const isRunning = ({ runs }: RunTableRow) => runs.some(({ status }) => status === 'running');
  const weight = (row: RunTableRow) => {
    const main = mainCell(row);
    if (main === undefined || Number.isNaN(main.cell.mean)) return Number.NEGATIVE_INFINITY;
    return metricDirection(main.metric) === 'lower' ? -main.cell.mean : main.cell.mean;
  };
  const rank = (row: RunTableRow) => MAIN_RESULTS.indexOf(mainCell(row)?.metric ?? '') >>> 0;
  return rows.toSorted(
    (a, b) => Number(isRunning(b)) - Number(isRunning(a)) || rank(a) - rank(b) || weight(b) - weight(a),
  );
}

/** The best that another was measured alike with, and the best of these; a simple baseline only where there is no other. */
export function bestPair(rows: readonly RunTableRow[]): [RunTableRow, RunTableRow] | null {
  const measured = rows.filter(
    (row) => row.study === null && row.comparisonKey !== null && mainCell(row) !== undefined,
  );
  for (const first of measured) {
    const alike = measured.filter(
      ({ id, comparisonKey, dataset }) =>
        id !== first.id &&
        comparisonKey === first.comparisonKey &&
        dataset?.fingerprint === first.dataset?.fingerprint,
    );
    const second = alike.find(({ model }) => !isSimpleBaseline(model)) ?? alike[0];
    if (second) return [first, second];
  }
  return null;
}

/** The text cut into what matches one of the words and what does not. */
export function matchParts(text: string, search: string): { text: string; matches: boolean }[] {
  const words = search.split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return [{ text, matches: false }];
  const escaped = words.map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return text
    .split(new RegExp(`(${escaped.join('|')})`, 'i'))
    .map((part, at) => ({ text: part, matches: at % 2 === 1 }))
    .filter((part) => part.text !== '');
}
