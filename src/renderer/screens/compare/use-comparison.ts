import type { ComparisonProgress, ComparisonView } from '../../../core/api/compare.ts';
import { api, client } from '../../state/api.ts';
import { type SteppedQuery, useSteps } from '../../state/use-steps.ts';
import type { ComparePlace } from './compare-place.ts';

export type ComparisonState = SteppedQuery<ComparisonProgress, ComparisonView>;

/** The comparison of an address. It is computed in a process of its own, row by row, and can be cancelled. */
export function useComparison({ runs, baseline, metrics }: ComparePlace): ComparisonState {
  const input = { runs, baseline, metrics };
  const comparison = useSteps<ComparisonProgress, ComparisonView>(
    api.compare.table.key({ type: 'query', input }),
    (signal) => client.compare.table(input, { signal }),
    () => 'testing',
    { enabled: runs.length > 0, keepPrevious: true },
  );
  return { ...comparison, data: runs.length > 0 ? comparison.data : undefined };
}
