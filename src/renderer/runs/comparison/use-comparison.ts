import type { ComparisonSoFar, ComparisonView } from '../../../core/api/compare.ts';
import { api, client } from '../../state/api.ts';
import { type ProgressQuery, useProgressQuery } from '../../state/use-progress-query.ts';
import type { Compared } from '../comparison-query.ts';

export interface ComparisonState extends ProgressQuery<ComparisonSoFar, ComparisonView> {
  /** The answer as far as it is known while its tests are under way. */
  untested: ComparisonView | undefined;
  /** What there is to show: that, else the answer. */
  view: ComparisonView | undefined;
}

/** The comparison of runs. It is computed in a process of its own, row by row, and can be cancelled. */
export function useComparison({ runs, baseline, metrics, labels, practical }: Compared): ComparisonState {
  const input = { runs: [...runs], baseline, metrics: metrics && [...metrics], labels, practical };
  const comparison = useProgressQuery<ComparisonSoFar, ComparisonView>(
    api.compare.table.key({ type: 'query', input }),
    (signal) => client.compare.table(input, { signal }),
    () => 'testing',
    { enabled: runs.length > 0, keepPrevious: true },
  );
  const data = runs.length > 0 ? comparison.data : undefined;
  const untested = comparison.progress?.untested;
  return { ...comparison, data, untested, view: untested ?? data };
}
