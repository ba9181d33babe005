import { doAgain, takeBack, useDeeds } from '../state/deeds.ts';
import type { Action } from './action.ts';
import { useRegisteredActions } from './registry.ts';

/** To take back what this window did last, and to do it again. */
export function useUndoActions(): void {
  const done = useDeeds(({ undo }) => undo.at(-1)?.label);
  const undone = useDeeds(({ redo }) => redo.at(-1)?.label);
  const action = (
    verb: string,
    shortcut: string,
    label: string | undefined,
    perform: () => void,
  ): Action => ({
    id: `edit.${verb.toLowerCase()}`,
    label: label === undefined ? verb : `${verb} ${label}`,
    group: 'Edit',
    shortcut,
    verb,
    enabled: () => label !== undefined,
    perform,
  });
  useRegisteredActions([
    action('Undo', 'Mod+Z', done, () => void takeBack()),
    action('Redo', 'Mod+Shift+Z', undone, () => void doAgain()),
  ]);
}
