import { hashKey, keepPreviousData, useQuery } from '@tanstack/react-query';
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
  const of = hashKey(queryKey);
  /** Of the latest request: an earlier one may still tell of itself. */
  const [told, setTold] = useState<{ of: string; progress: (Progress & { seconds: number }) | null }>();
  const query = useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      setTold({ of, progress: null });
      const steps = await begin(signal);
      let stage = { name: '', since: 0 };
      const result = resultOf(steps, (latest) => {
        const name = stageOf(latest);
        if (name !== stage.name) stage = { name, since: performance.now() };
        const seconds = (performance.now() - stage.since) / 1000;
        setTold((now) => (now?.of === of ? { of, progress: { ...now.progress, ...latest, seconds } } : now));
      });
      return result.finally(() => setTold((now) => (now?.of === of ? undefined : now)));
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
    progress: told?.of === of ? told.progress : null,
    cancel: () => void queryClient.cancelQueries({ queryKey }),
    refetch: () => void query.refetch(),
  };
}
