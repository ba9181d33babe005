import { useMemo, useState } from 'react';
import type { RunTableRow } from '../../../core/api/runs.ts';

type Selected = ReadonlyMap<string, RunTableRow>;

const NOTHING: Selected = new Map();

/** The selected rows, also those that have been scrolled out of what is loaded. */
export function useSelection(loaded: readonly RunTableRow[]) {
  const [selected, setSelected] = useState<Selected>(NOTHING);
  const byId = new Map(loaded.map((row) => [row.id, row]));
  const keys = useMemo(() => new Set(selected.keys()), [selected]);
  const select = (ids: ReadonlySet<string>) =>
    setSelected(
      new Map(
        [...ids].flatMap((id): [string, RunTableRow][] => {
          const row = byId.get(id) ?? selected.get(id);
          return row ? [[id, row]] : [];
        }),
      ),
    );
  const rows = [...selected].map(([id, row]) => byId.get(id) ?? row);
  return {
    keys,
    select,
    toggle: (id: string) => {
      const next = new Set(keys);
      if (!next.delete(id)) next.add(id);
      select(next);
    },
    clear: () => setSelected(NOTHING),
    rows,
    /** Every seed of folded rows. */
    runs: rows.flatMap((row) => row.runs.map(({ id }) => id)),
  };
}
