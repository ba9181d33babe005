/** Which metrics of the table are the best and the second best of their kind. */
import { metricDirection } from '../../core/api/metrics.ts';
import type { RunTableRow } from '../../core/api/runs.ts';

export type Place = 'best' | 'second';

/** Rows whose metrics may be set beside each other. */
const peersOf = ({ dataset, comparisonKey, group }: RunTableRow) =>
  JSON.stringify([dataset.name, comparisonKey, group]);

/**
 * The place of a row among those measured alike, of which there must be two; empty where not all rows are at hand.
 * Equal values share a place; values of some of the users have none.
 */
export function bestPlaces(
  rows: readonly RunTableRow[],
  total: number,
): (row: RunTableRow, metric: string) => Place | undefined {
  const values = new Map<string, number[]>();
  for (const row of rows.length === total ? rows : []) {
    for (const [metric, { mean, sample }] of Object.entries(row.metrics)) {
      if (sample !== undefined) continue;
      const key = `${metric} ${peersOf(row)}`;
      values.set(key, [...(values.get(key) ?? []), mean]);
    }
  }
  const ordered = new Map(
    [...values].flatMap(([key, all]): [string, number[]][] => {
      const direction = metricDirection(key.slice(0, key.indexOf(' ')));
      if (direction === 'none' || all.length < 2) return [];
      const distinct = [...new Set(all)].sort((a, b) => (direction === 'lower' ? a - b : b - a));
      return [[key, distinct]];
    }),
  );
  return (row, metric) => {
    const distinct = ordered.get(`${metric} ${peersOf(row)}`);
    const cell = row.metrics[metric];
    const at = distinct && cell?.sample === undefined ? distinct.indexOf(cell?.mean) : -1;
    return at === 0 ? 'best' : at === 1 ? 'second' : undefined;
  };
}
