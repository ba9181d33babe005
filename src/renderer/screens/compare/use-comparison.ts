import type { ComparisonProgress, ComparisonView } from '../../../core/api/compare.ts';
import { api, client } from '../../state/api.ts';
import { type ProgressQuery, useProgressQuery } from '../../state/use-progress-query.ts';
import type { CompareRoute } from './compare-route.ts';

export type ComparisonState = ProgressQuery<ComparisonProgress, ComparisonView>;

/** The comparison of an address. It is computed in a process of its own, row by row, and can be cancelled. */
export function useComparison({ runs, baseline, metrics }: CompareRoute): ComparisonState {
  const input = { runs, baseline, metrics };
  const comparison = useProgressQuery<ComparisonProgress, ComparisonView>(
    api.compare.table.key({ type: 'query', input }),
    (signal) => client.compare.table(input, { signal }),
    () => 'testing',
    { enabled: runs.length > 0, keepPrevious: true },
  );
  return { ...comparison, data: runs.length > 0 ? comparison.data : undefined };
}
