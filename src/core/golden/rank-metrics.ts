import { mean, perUserMetric } from '../evaluation/metrics.ts';
import type { GoldenCheck, Tensor } from './tensor-compare.ts';

/** HR, NDCG and MRR of given ranks against a fixture's `per_user` and `mean` blocks; model fixtures have them too. */
export function checkRankMetrics(
  check: GoldenCheck,
  path: string,
  ranks: ArrayLike<number>,
  reference: { per_user?: Record<string, Tensor>; mean?: Record<string, number> },
): void {
  for (const [metric, values] of Object.entries(reference.per_user ?? {})) {
    check.compare('output', `${path}.per_user.${metric}`, perUserMetric(ranks, metric), values);
  }
  for (const [metric, value] of Object.entries(reference.mean ?? {})) {
    check.compare('output', `${path}.mean.${metric}`, mean(perUserMetric(ranks, metric)), value);
  }
}

/** The history of every user as columns of the candidate list; padding and items that are no candidates fall away. */
export function historyFilter(history: Tensor, columnOf: Map<number, number>) {
  const width = history.shape[1];
  const columns: number[] = [];
  const offsets = [0];
  for (let user = 0; user < history.shape[0]; user++) {
    for (const item of history.data.slice(user * width, (user + 1) * width)) {
      const column = columnOf.get(item);
      if (column !== undefined) columns.push(column);
    }
    offsets.push(columns.length);
  }
  return { offsets, columns };
}
