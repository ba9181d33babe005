import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { api } from '../../state/api.ts';
import { deselectRuns, forgetSelection, selectedRows, useSelectedRuns } from '../../state/selected-runs.ts';
import type { RunLines } from './use-run-lines.ts';

/** The selected rows, also those that are not loaded. What a filter hides stays selected, and out of reach until it is shown. */
export function useSelection({ loaded, runsOf, keyNow }: RunLines, fold: boolean) {
  const state = useSelectedRuns();
  const { shown, hidden } = useMemo(
    () => selectedRows(state, { fold, runsOf, keyNow }),
    [state, fold, runsOf, keyNow],
  );
  const keys = useMemo(() => new Set(shown.keys()), [shown]);
  const runs = useMemo(() => [...new Set([...shown.values()].flat())], [shown]);
  const all = useMemo(() => [...runs, ...hidden], [runs, hidden]);
  const { data } = useQuery({
    ...api.runs.annotations.queryOptions({ input: { runs: all } }),
    enabled: all.length > 0,
    gcTime: 0,
  });
  useEffect(() => {
    const gone = data ? all.filter((run) => !Object.hasOwn(data, run)) : [];
    if (gone.length > 0) deselectRuns(gone);
  }, [data, all]);
  const noted = data && Object.fromEntries(runs.flatMap((run) => (data[run] ? [[run, data[run]]] : [])));
  /** Those at hand. */
  const rows = [...keys].map((key) => loaded.get(key)).filter((row) => row !== undefined);
  const states = noted ? Object.values(noted) : rows;
  return {
    keys,
    shown,
    /** How many runs are selected and not shown. */
    hidden: hidden.length,
    /** Keys of all selected rows, for boxes that add to them. */
    checked: useMemo(
      () => new Set(fold === state.fold ? [...state.rows.keys()].map(keyNow) : []),
      [state, fold, keyNow],
    ),
    select: (chosen: ReadonlySet<string>) =>
      useSelectedRuns.setState({
        rows: new Map([...chosen].map((key) => [key, runsOf(key) ?? state.rows.get(key) ?? []])),
        fold,
      }),
    clear: forgetSelection,
    rows,
    /** Every seed of folded rows; a run that is selected beside its folded row counts once. */
    runs,
    /** What is noted about each of the runs, once that is known. */
    noted,
    starred: states.length > 0 && states.every(({ starred }) => starred),
    archived: states.length > 0 && states.every(({ archived }) => archived),
  };
}
