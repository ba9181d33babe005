import { useMemo, useState } from 'react';
import { lineKey, type RunLine } from './use-run-lines.ts';

type Selected = ReadonlyMap<string, RunLine>;

const NOTHING: Selected = new Map();

/** The selected rows, also those that have been scrolled out of what is loaded. */
export function useSelection(loaded: readonly RunLine[]) {
  const [selected, setSelected] = useState<Selected>(NOTHING);
  const byKey = new Map(loaded.map((row) => [lineKey(row), row]));
  const keys = useMemo(() => new Set(selected.keys()), [selected]);
  const select = (ids: ReadonlySet<string>) =>
    setSelected(
      new Map(
        [...ids].flatMap((id): [string, RunLine][] => {
          const row = byKey.get(id) ?? selected.get(id);
          return row ? [[id, row]] : [];
        }),
      ),
    );
  const rows = [...selected].map(([id, row]) => byKey.get(id) ?? row);
  return {
    keys,
    select,
    clear: () => setSelected(NOTHING),
    rows,
    /** Every seed of folded rows; a run that is selected beside its folded row counts once. */
    runs: [...new Set(rows.flatMap((row) => row.runs.map(({ id }) => id)))],
  };
}
