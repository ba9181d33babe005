import { useMemo } from 'react';
import { create } from 'zustand';
import type { RunLines } from './use-run-lines.ts';

/** The ids of the runs of each selected row. It stays while the user looks at something else. */
const useSelected = create<{ rows: ReadonlyMap<string, readonly string[]> }>(() => ({ rows: new Map() }));

const clear = () => useSelected.setState({ rows: new Map() });

/** The selected rows, also those that are not loaded, or that a filter keeps out of sight since. */
export function useSelection({ loaded, runsOf }: RunLines) {
  const rows = useSelected((state) => state.rows);
  const keys = useMemo(() => new Set(rows.keys()), [rows]);
  return {
    keys,
    select: (chosen: ReadonlySet<string>) =>
      useSelected.setState({
        rows: new Map([...chosen].map((key) => [key, runsOf(key) ?? rows.get(key) ?? []])),
      }),
    clear,
    /** Those at hand. */
    rows: [...keys].map((key) => loaded.get(key)).filter((row) => row !== undefined),
    /** Every seed of folded rows; a run that is selected beside its folded row counts once. */
    runs: useMemo(() => [...new Set([...rows.values()].flat())], [rows]),
  };
}
