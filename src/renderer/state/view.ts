import { useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import { api, client, queryClient } from './api.ts';
import { attempt } from './toasts.ts';

/**
 * What a screen keeps between sessions, such as its columns. `check` turns the stored value, which may be of
 * an older version, into one of today's, or null for the default.
 */
export function useView<T>(
  key: string,
  fallback: T,
  check: (stored: unknown) => T | null,
): [view: T, change: (view: T) => void] {
  const { data } = useQuery(api.settings.readView.queryOptions({ input: { key } }));
  const change = useCallback(
    (view: T) => {
      queryClient.setQueryData(api.settings.readView.queryKey({ input: { key } }), view);
      const value = JSON.parse(JSON.stringify(view));
      void attempt('The view could not be kept', () => client.settings.writeView({ key, value }));
    },
    [key],
  );
  return [(data === undefined || data === null ? null : check(data)) ?? fallback, change];
}
