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
    check.compare('output', `${path}.per_user.${metric}`, perUserMetric(ranks, metric), values.data);
  }
  for (const [metric, value] of Object.entries(reference.mean ?? {})) {
    check.compare('output', `${path}.mean.${metric}`, mean(perUserMetric(ranks, metric)), value);
  }
}
