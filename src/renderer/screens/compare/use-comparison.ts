import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ComparisonProgress, ComparisonView } from '../../../core/api/compare.ts';
import { api, client, queryClient } from '../../state/api.ts';
import type { ComparePlace } from './compare-place.ts';

export interface TimedProgress extends ComparisonProgress {
  /** Since the first row. */
  seconds: number;
}

export interface ComparisonState {
  view: ComparisonView | undefined;
  /** What is shown belongs to what was asked before. */
  stale: boolean;
  error: unknown;
  /** Null where nothing is being computed. */
  progress: TimedProgress | null;
  computing: boolean;
  cancel(): void;
  retry(): void;
}

/** The comparison of an address. It is computed in a process of its own, row by row, and can be cancelled. */
export function useComparison({ runs, baseline, metrics }: ComparePlace): ComparisonState {
  const [progress, setProgress] = useState<TimedProgress | null>(null);
  const input = { runs, baseline, metrics };
  const queryKey = api.compare.table.key({ type: 'query', input });
  const query = useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      const steps = await client.compare.table(input, { signal });
      // From the first row on: reading what is compared says nothing about the tests.
      let began: number | null = null;
      try {
        for (;;) {
          const step = await steps.next();
          if (step.done) return step.value;
          began ??= performance.now();
          setProgress({ ...step.value, seconds: (performance.now() - began) / 1000 });
        }
      } finally {
        setProgress(null);
      }
    },
    enabled: runs.length > 0,
    placeholderData: keepPreviousData,
  });
  return {
    view: runs.length > 0 ? query.data : undefined,
    stale: query.isPlaceholderData,
    error: query.error,
    progress,
    computing: query.isFetching,
    cancel: () => void queryClient.cancelQueries({ queryKey }),
    retry: () => void query.refetch(),
  };
}
