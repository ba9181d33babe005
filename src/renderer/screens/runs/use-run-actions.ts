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
import { archiveRuns, compareRuns, starRuns } from '../../runs/changes.ts';
import { comparisonQuery } from '../../runs/comparison-query.ts';
import { deleteRuns } from '../../runs/deletion.tsx';
import type { useSelection } from '../../runs/table/use-selection.ts';
import { goTo } from '../../state/navigation.ts';

/** What can be done with the selected rows: for the bar, the menu on a row, keys and the palette. */
export function useRunActions(
  { runs, keys, rows, starred, archived, clear }: ReturnType<typeof useSelection>,
  rename: (key: string) => void,
  open: (dialog: 'notes' | 'move') => void,
): Action[] {
  const action = (
    name: string,
    label: string,
    short: string,
    shortcut: string,
    icon: LucideIcon,
    perform: () => void,
  ): Action => ({
    ...{ id: `runs.${name}`, group: 'Run', label, short, shortcut, icon, perform },
    why: name === 'rename' ? 'One run alone has a name' : undefined,
    enabled: () => (name === 'rename' ? keys.size === 1 && rows.length === 1 : keys.size > 0),
  });
  const differ = () => goTo('compare', [], { ...comparisonQuery({ runs }), view: 'configs' });
  const archive = () => void archiveRuns(runs, !archived).then((done) => done && clear());
  const archiving = archived ? ArchiveRestore : Archive;
  const actions = [
    action('compare', 'Compare the selected runs', 'Compare', 'c', Scale, () => compareRuns(runs)),
    action(
      'differences',
      'Show what differs between the selected runs',
      'What differs',
      'd',
      FileDiff,
      differ,
    ),
    action('editNotes', 'Edit tags and notes', 'Tag', 't', Tag, () => open('notes')),
    action(
      'star',
      'Star or unstar the selected runs',
      starred ? 'Unstar' : 'Star',
      's',
      Star,
      () => void starRuns(runs, !starred),
    ),
    action('move', 'Move the selected runs to a project', 'Move', 'm', FolderInput, () => open('move')),
    action(
      'archive',
      'Archive or restore the selected runs',
      archived ? 'Restore' : 'Archive',
      'e',
      archiving,
      archive,
    ),
    action('rename', 'Rename the selected run', 'Rename', 'F2', PencilLine, () => rename([...keys][0])),
    action('delete', 'Delete the selected runs', 'Delete', 'Delete', Trash2, () => void deleteRuns(runs)),
  ];
  useRegisteredActions(actions);
  return actions;
}
