import { create } from 'zustand';

/**
 * The ids of the runs of each row that is selected in the table of runs. It stays while the user looks at something else, and
 * not in another data folder.
 */
export const useSelectedRuns = create<{ rows: ReadonlyMap<string, readonly string[]> }>(() => ({
  rows: new Map(),
}));

export function forgetSelection(): void {
  useSelectedRuns.setState({ rows: new Map() });
}
