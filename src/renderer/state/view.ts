import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { create } from 'zustand';
import { api, client } from './api.ts';
import { attempt } from './toasts.ts';

/** Views that have changed in this session: a control shows its change at once, before it is written. */
const useChanged = create<Record<string, unknown>>(() => ({}));

const WRITE_MS = 300;
const due = new Map<string, ReturnType<typeof setTimeout>>();

/** Writes a while after the last change: a column that is dragged changes with each pixel. */
function writeLater(key: string, view: unknown): void {
  clearTimeout(due.get(key));
  const value = JSON.parse(JSON.stringify(view));
  const write = () => attempt('The view could not be kept', () => client.settings.writeView({ key, value }));
  due.set(
    key,
    setTimeout(() => void write(), WRITE_MS),
  );
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
  const change = useCallback(
    (view: T) => {
      useChanged.setState({ [key]: view });
      writeLater(key, view);
    },
    [key],
  );
  const view = useMemo(
    () => (data === undefined || data === null ? null : check(data)) ?? fallback,
    [data, fallback, check],
  );
  return [view, change, !isPending];
}
