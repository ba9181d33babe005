import { useMutation } from '@tanstack/react-query';
import { useRef } from 'react';
import { problemText } from './api.ts';

/** A measurement of some seconds that can be stopped, and what it found. */
export interface Trial<Asked, Found> {
  /** Of what is asked now; null where it was measured for something else, or not yet. */
  found: Found | null;
  /** Why it failed; null where it was stopped. */
  failed: string | null;
  pending: boolean;
  start(asked: Asked): void;
  stop(): void;
}

/** `asked` is what the form holds now; a measurement counts as long as it does. */
export function useTrial<Asked, Found>(
  asked: Asked | null,
  measure: (asked: Asked, signal: AbortSignal) => Promise<Found>,
): Trial<Asked, Found> {
  const abort = useRef<AbortController | null>(null);
  const trial = useMutation({
    mutationFn: async (input: Asked) => {
      abort.current = new AbortController();
      return { asked: JSON.stringify(input), found: await measure(input, abort.current.signal) };
    },
  });
  return {
    found: trial.data?.asked === JSON.stringify(asked) ? trial.data.found : null,
    failed: trial.error && !abort.current?.signal.aborted ? problemText(trial.error) : null,
    pending: trial.isPending,
    start: (input) => trial.mutate(input),
    stop: () => abort.current?.abort(),
  };
}
