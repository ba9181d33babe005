/** The configurations of a data set by their main metric, of one protocol: others may not be set beside them. */
import type { RunTableRow } from '../../core/api/runs.ts';
import { api } from '../state/api.ts';

export const MAIN_METRIC = 'test/ndcg@10';
export const LEADERBOARD_METRICS = [MAIN_METRIC, 'test/hr@10', 'test/mrr'];
const MOST = 200;

/** What to ask for the rows of a data set by name, with the config keys that are wanted of each. */
export function leaderboardQuery(dataset: string, config: string[] = []) {
  return api.runs.table.queryOptions({
    input: {
      filters: [{ field: 'dataset', operator: '=', value: dataset }],
      statuses: ['completed'],
      sort: [{ field: `metric:${MAIN_METRIC}`, descending: true }],
      metrics: LEADERBOARD_METRICS,
      config,
      fold: true,
      limit: MOST,
    },
  });
}

/** The largest number of rows that were measured alike, the best one first. */
export function leaderboard(rows: readonly RunTableRow[]): RunTableRow[] {
  const measured = rows.filter(({ metrics }) => MAIN_METRIC in metrics);
  const counts = new Map<string | null, number>();
  for (const { comparisonKey: key } of measured) counts.set(key, (counts.get(key) ?? 0) + 1);
  const [most] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [];
  return measured.filter(({ comparisonKey }) => comparisonKey === most);
}
