import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { api } from '../../state/api.ts';
import { deselectRuns, forgetSelection, selectedRows, useSelectedRuns } from '../../state/selected-runs.ts';
import type { RunLines } from './use-run-lines.ts';

/** The selected rows, also those that are not loaded, or that a filter keeps out of sight since. */
export function useSelection({ loaded, runsOf }: RunLines, fold: boolean) {
  const state = useSelectedRuns();
  const selected = useMemo(() => selectedRows(state, { fold, runsOf }), [state, fold, runsOf]);
  const keys = useMemo(() => new Set(selected.keys()), [selected]);
  const runs = useMemo(() => [...new Set([...selected.values()].flat())], [selected]);
  const { data: noted } = useQuery({
    ...api.runs.annotations.queryOptions({ input: { runs } }),
    enabled: runs.length > 0,
    gcTime: 0,
  });
  useEffect(() => {
    const gone = noted ? runs.filter((run) => !Object.hasOwn(noted, run)) : [];
    if (gone.length > 0) deselectRuns(gone);
  }, [noted, runs]);
  /** Those at hand. */
  const rows = [...keys].map((key) => loaded.get(key)).filter((row) => row !== undefined);
  const states = noted ? Object.values(noted) : rows;
  return {
    keys,
    selected,
    select: (chosen: ReadonlySet<string>) =>
      useSelectedRuns.setState({
        rows: new Map([...chosen].map((key) => [key, runsOf(key) ?? selected.get(key) ?? []])),
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
