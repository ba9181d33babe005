import { useMemo } from 'react';
import { forgetSelection, useSelectedRuns } from '../../state/selected-runs.ts';
import type { RunLines } from './use-run-lines.ts';

/** The selected rows, also those that are not loaded, or that a filter keeps out of sight since. */
export function useSelection({ loaded, runsOf }: RunLines) {
  const rows = useSelectedRuns((state) => state.rows);
  const keys = useMemo(() => new Set(rows.keys()), [rows]);
  const select = (chosen: ReadonlySet<string>) =>
    useSelectedRuns.setState({
      rows: new Map([...chosen].map((key) => [key, runsOf(key) ?? rows.get(key) ?? []])),
    });
  return {
    keys,
    select,
    clear: forgetSelection,
    /** Those at hand. */
    rows: [...keys].map((key) => loaded.get(key)).filter((row) => row !== undefined),
    /** Every seed of folded rows; a run that is selected beside its folded row counts once. */
    runs: useMemo(() => [...new Set([...rows.values()].flat())], [rows]),
  };
}
