import { useMemo, useRef } from 'react';
import type { Action } from '../../actions/action.ts';
import { useRegisteredActions } from '../../actions/registry.ts';

export interface RunActions {
  compare(): void;
  star(): void;
  editNotes(): void;
  rename(): void;
  archive(): void;
  remove(): void;
}

interface Available {
  /** How many runs are selected. */
  runs: number;
  /** How many rows. */
  rows: number;
}

const ACTIONS: [
  what: keyof RunActions,
  label: string,
  shortcut: string,
  enabled: (now: Available) => boolean,
][] = [
  ['compare', 'Compare the selected runs', 'c', ({ runs }) => runs > 0],
  ['star', 'Star or unstar the selected runs', 's', ({ runs }) => runs > 0],
  ['editNotes', 'Edit tags and notes', 't', ({ runs }) => runs > 0],
  ['rename', 'Rename the selected run', 'F2', ({ rows }) => rows === 1],
  ['archive', 'Archive the selected runs, or take them back', 'e', ({ runs }) => runs > 0],
  ['remove', 'Delete the selected runs', 'Delete', ({ runs }) => runs > 0],
];

/** What can be done with the selected runs, for the palette and the shortcuts. */
export function useRunActions(actions: RunActions, available: Available): void {
  const current = useRef({ actions, available });
  current.current = { actions, available };
  const registered = useMemo(
    () =>
      ACTIONS.map(
        ([what, label, shortcut, enabled]): Action => ({
          id: `runs.${what}`,
          label,
          group: 'Run',
          shortcut,
          enabled: () => enabled(current.current.available),
          perform: () => current.current.actions[what](),
        }),
      ),
    [],
  );
  useRegisteredActions(registered);
}
