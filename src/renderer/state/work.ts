import { useMutation } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { problemText } from './api.ts';

/** Work that a user starts and can stop: how far it is, what it brought, and why it failed. It ends with what shows it. */
export function useWork<Input, Progress, Result>(
  work: (input: Input, signal: AbortSignal, onProgress: (progress: Progress) => void) => Promise<Result>,
) {
  const abort = useRef<AbortController | null>(null);
  const [progress, setProgress] = useState<Progress | null>(null);
  const { data, variables, error, isPending, mutate } = useMutation({
    // Main is on this machine: it answers without any network.
    networkMode: 'always',
    mutationFn: async (input: Input) => {
      abort.current = new AbortController();
      try {
        return await work(input, abort.current.signal, setProgress);
      } finally {
        setProgress(null);
      }
    },
  });
  useEffect(() => () => abort.current?.abort(), []);
  const isStopped = error !== null && abort.current?.signal.aborted === true;
  return {
    result: data ?? null,
    /** What the work was last started with. */
    input: variables,
    progress,
    isPending,
    isStopped,
    /** Null where it was stopped. */
    failure: error && !isStopped ? problemText(error) : null,
    start: (input: Input) => mutate(input),
    stop: useCallback(() => abort.current?.abort(), []),
  };
}

/** A measurement of some seconds. Its result counts as long as the form holds what was measured. */
export function useProbe<Input, Progress, Result>(
  current: Input | null,
  measure: (input: Input, signal: AbortSignal, onProgress: (progress: Progress) => void) => Promise<Result>,
) {
  const probe = useWork(measure);
  const isCurrent = JSON.stringify(probe.input) === JSON.stringify(current);
  return { ...probe, result: isCurrent ? probe.result : null };
}
