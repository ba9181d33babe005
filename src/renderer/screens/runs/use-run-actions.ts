import {
  Archive,
  ArchiveRestore,
  FileDiff,
  FolderInput,
  type LucideIcon,
  PencilLine,
  Scale,
  Star,
  Tag,
  Trash2,
} from 'lucide-react';
import type { Action } from '../../actions/action.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import type { useSelection } from '../../runs/table/use-selection.ts';

/** An action as buttons show it. */
export interface RunAction extends Action {
  short: string;
  icon: LucideIcon;
}

type ActionName = 'compare' | 'differences' | 'editNotes' | 'star' | 'move' | 'archive' | 'rename' | 'delete';

/** What can be done with the selected rows: for the bar, the menu on a row, keys and the palette. */
export function useRunActions(
  rows: number,
  { rows: chosen, starred, archived }: Pick<ReturnType<typeof useSelection>, 'rows' | 'starred' | 'archived'>,
  perform: Record<ActionName, () => void>,
): RunAction[] {
  const action = (
    name: ActionName,
    label: string,
    short: string,
    shortcut: string,
    icon: LucideIcon,
  ): RunAction => ({
    ...{ id: `runs.${name}`, group: 'Run', label, short, shortcut, icon },
    enabled: () => (name === 'rename' ? rows === 1 && chosen.length === 1 : rows > 0),
    perform: perform[name],
  });
  const actions = [
    action('compare', 'Compare the selected runs', 'Compare', 'c', Scale),
    action('differences', 'Show what differs between the selected runs', 'What differs', 'd', FileDiff),
    action('editNotes', 'Edit tags and notes', 'Tag', 't', Tag),
    action('star', 'Star or unstar the selected runs', starred ? 'Unstar' : 'Star', 's', Star),
    action('move', 'Move the selected runs to a project', 'Move', 'm', FolderInput),
    action(
      'archive',
      'Archive or restore the selected runs',
      archived ? 'Restore' : 'Archive',
      'e',
      archived ? ArchiveRestore : Archive,
    ),
    action('rename', 'Rename the selected run', 'Rename', 'F2', PencilLine),
    action('delete', 'Delete the selected runs', 'Delete', 'Delete', Trash2),
  ];
  useRegisteredActions(actions);
  return actions;
}
