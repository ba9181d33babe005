import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { api, client, queryClient } from './api.ts';
import { homeStore } from './home-store.ts';
import { attempt } from './toasts.ts';

/** Views whose change is not written yet: a control shows it at once. */
const useChanged = homeStore<Record<string, unknown>>(
  () => ({}),
  () => waiting.clear(),
);

const WRITE_MS = 300;
/** Views that wait to be written, with the time that has to pass first. */
const waiting = new Map<string, unknown>();
const resting = new Map<string, ReturnType<typeof setTimeout>>();

/** Writes at once, and then no more often than every 300 ms: a column that is dragged changes with each pixel. */
function write(key: string, view: unknown): void {
  waiting.set(key, view);
  if (!resting.has(key)) writeNow(key);
}

function writeNow(key: string): void {
  clearTimeout(resting.get(key));
  resting.delete(key);
  if (!waiting.has(key)) return;
  const value = JSON.parse(JSON.stringify(waiting.get(key)));
  waiting.delete(key);
  void attempt('Could not save the view', async () => {
    await client.settings.writeView({ key, value });
    if (waiting.has(key)) return;
    // From here on the stored one counts, which another window may change.
    queryClient.setQueryData(api.settings.readView.queryKey({ input: { key } }), value);
    useChanged.setState(({ [key]: _, ...others }) => others, true);
  });
  resting.set(
    key,
    setTimeout(() => writeNow(key), WRITE_MS),
  );
}

window.addEventListener('pagehide', () => {
  for (const key of [...waiting.keys()]) writeNow(key);
});

function change(key: string, view: unknown): void {
  useChanged.setState({ [key]: view });
  write(key, view);
}

/**
 * What a screen keeps between sessions, such as its columns. `check` turns the stored value, which may be of
 * an older version, into one of today's, or null for the default; keep it and the default stable. Until the
 * stored value is known, `ready` is false.
 */
export function useView<T>(
  key: string,
  fallback: T,
  check: (stored: unknown) => T | null,
): [view: T, change: (view: T) => void, ready: boolean] {
  const { data: stored, isPending } = useQuery(api.settings.readView.queryOptions({ input: { key } }));
  const changed = useChanged((views) => views[key]);
  const data = changed ?? stored;
  const changeView = useCallback((view: T) => change(key, view), [key]);
  const view = useMemo(
    () => (data === undefined || data === null ? null : check(data)) ?? fallback,
    [data, fallback, check],
  );
  return [view, changeView, !isPending];
}
