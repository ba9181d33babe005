import { signOf } from '../../../evaluation/metrics-table.ts';
import type { ComparisonCell, ComparisonRow, MetricColumn, ProtocolGroup } from '../../types.ts';

/**
 * The rows with the best and the second value of each metric marked; values that print alike share a mark. Those of some of the
 * users are over other users than their neighbours', and have none; nor has a row of which something is unknown.
 */
export function markedRows(
  rows: readonly ComparisonRow[],
  protocols: readonly ProtocolGroup[],
  columns: readonly MetricColumn[],
): ComparisonRow[] {
  const printed = columns.map(({ decimals }, at) =>
    rows.map(({ cells, unknown }) => {
      const { mean, note } = cells[at];
      return mean === null || note !== undefined || unknown.length > 0
        ? null
        : Number(mean.toFixed(decimals));
    }),
  );
  const markOf = (row: number, at: number): ComparisonCell['mark'] => {
    const { protocol, rows: members } = protocols[rows[row].protocol];
    const [value, { direction }] = [printed[at][row], columns[at]];
    const values = members.flatMap((member) => printed[at][member] ?? []);
    // One alone is best of nothing, and of two the other is second to nothing.
    if (value === null || protocol === null || direction === 'none' || values.length < 2) return null;
    const better = values.filter((other) => signOf(direction) * (other - value) > 0).length;
    if (better === 0) return 'best';
    return better === 1 && values.length > 2 ? 'second' : null;
  };
  return rows.map((row, index) => ({
    ...row,
    cells: row.cells.map((cell, at) => ({ ...cell, mark: markOf(index, at) })),
  }));
}
