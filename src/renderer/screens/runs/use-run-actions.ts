import type { Action } from '../../actions/action.ts';
import { useRegisteredActions } from '../../actions/registry.ts';

type ActionName = 'compare' | 'star' | 'editNotes' | 'rename' | 'move' | 'archive' | 'delete';
export type RunActions = Record<ActionName, Action>;

/** What can be done with the selected runs, for buttons, menus, keys and the palette. */
export function useRunActions(rows: number, perform: Record<ActionName, () => void>): RunActions {
  const action = (name: ActionName, label: string, shortcut: string): Action => ({
    id: `runs.${name}`,
    label,
    group: 'Run',
    shortcut,
    enabled: () => (name === 'rename' ? rows === 1 : rows > 0),
    perform: perform[name],
  });
  const actions = {
    compare: action('compare', 'Compare the selected runs', 'c'),
    star: action('star', 'Star or unstar the selected runs', 's'),
    editNotes: action('editNotes', 'Edit tags and notes', 't'),
    rename: action('rename', 'Rename the selected run', 'F2'),
    move: action('move', 'Move the selected runs to a project', 'm'),
    archive: action('archive', 'Archive or restore the selected runs', 'e'),
    delete: action('delete', 'Delete the selected runs', 'Delete'),
  };
  useRegisteredActions(Object.values(actions));
  return actions;
}
