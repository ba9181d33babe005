import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { queryClient } from './api.ts';
import { resultOf, type Steps } from './steps.ts';

export interface ProgressQueryOptions {
  /** Whether to ask at all. Default: true. */
  enabled?: boolean;
  /** Shows the answer to the request before until there is a new one. */
  keepPrevious?: boolean;
  /** Forgets the answer once nobody looks at it. */
  forget?: boolean;
}

export interface ProgressQuery<Progress, Result> {
  data: Result | undefined;
  /** What is shown belongs to the request before. */
  stale: boolean;
  error: unknown;
  working: boolean;
  /** Latest progress of the work, with what only earlier steps said, and with seconds since its stage began. */
  progress: (Progress & { seconds: number }) | null;
  cancel(): void;
  refetch(): void;
}

/** An answer that takes its time: reports how far it is, and can be cancelled. `stageOf` names the part of the work. */
export function useProgressQuery<Progress, Result>(
  queryKey: readonly unknown[],
  begin: (signal: AbortSignal) => Promise<Steps<Progress, Result>>,
  stageOf: (progress: Progress) => string,
  { enabled = true, keepPrevious = false, forget = false }: ProgressQueryOptions = {},
): ProgressQuery<Progress, Result> {
  const [progress, setProgress] = useState<(Progress & { seconds: number }) | null>(null);
  const query = useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      setProgress(null);
      const steps = await begin(signal);
      let stage = { name: '', since: 0 };
      try {
        return await resultOf(steps, (latest) => {
          const name = stageOf(latest);
          if (name !== stage.name) stage = { name, since: performance.now() };
          const seconds = (performance.now() - stage.since) / 1000;
          setProgress((before) => ({ ...before, ...latest, seconds }));
        });
      } finally {
        setProgress(null);
      }
    },
    enabled,
    placeholderData: keepPrevious ? keepPreviousData : undefined,
    ...(forget ? { gcTime: 0 } : {}),
  });
  return {
    data: query.data,
    stale: query.isPlaceholderData,
    error: query.error,
    working: query.isFetching,
    progress,
    cancel: () => void queryClient.cancelQueries({ queryKey }),
    refetch: () => void query.refetch(),
  };
}
