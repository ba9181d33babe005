import { homeStore } from './home-store.ts';

export type SelectedRows = ReadonlyMap<string, readonly string[]>;

/**
 * The ids of the runs of each row that is selected in the table of runs, as it was folded then. It stays while the user looks
 * at something else.
 */
export const useSelectedRuns = homeStore<{ rows: SelectedRows; fold: boolean }>(() => ({
  rows: new Map(),
  fold: true,
}));

export function forgetSelection(): void {
  useSelectedRuns.setState({ rows: new Map() });
}

/** Runs that are gone are selected no longer. A row is known by the newest run that is left of it. */
export function deselectRuns(gone: Iterable<string>): void {
  const without = new Set(gone);
  const left = [...useSelectedRuns.getState().rows].flatMap(([key, runs]): [string, readonly string[]][] => {
    const kept = runs.filter((run) => !without.has(run));
    if (kept.length === 0) return [];
    return [[key === runs[0] ? kept[0] : key, kept]];
  });
  useSelectedRuns.setState({ rows: new Map(left) });
}

/** The selected rows that the table has, as it has them now, and the runs of those that a filter hides. */
export function selectedRows(
  { rows, fold }: { rows: SelectedRows; fold: boolean },
  table: {
    fold: boolean;
    /** The key that a row has by now: a seed that came since is its newest run. */
    keyNow(key: string): string;
    runsOf(key: string): readonly string[] | undefined;
  },
): { shown: SelectedRows; hidden: readonly string[] } {
  const all =
    fold === table.fold
      ? [...rows].map(([before, runs]) => {
          const key = table.keyNow(before);
          return { key, runs, now: table.runsOf(key) };
        })
      : [];
  const shown = new Map(all.flatMap(({ key, now }) => (now ? [[key, now]] : [])));
  const seen = new Set([...shown.values()].flat());
  const hidden = new Set(all.flatMap(({ runs, now }) => (now ? [] : runs)));
  return { shown, hidden: [...hidden].filter((run) => !seen.has(run)) };
}
