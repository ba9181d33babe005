import {
  Archive,
  ArchiveRestore,
  FolderInput,
  type LucideIcon,
  PencilLine,
  Scale,
  Star,
  Tag,
  Trash2,
  X,
} from 'lucide-react';
import type { RunTableRow } from '../../../core/api/runs.ts';
import { shortcutLabel } from '../../actions/keys.ts';
import { ActionButton, Button } from '../../components/Button.tsx';
import { Icon } from '../../components/Icon.tsx';
import { countText } from '../../format/format.ts';
import type { RunActions } from './use-run-actions.ts';

interface SelectionBarProps {
  chosen: readonly RunTableRow[];
  /** How many runs the chosen rows stand for. */
  runs: number;
  actions: RunActions;
  onClear(): void;
}

/** What can be done with the selected rows, over the end of the table. */
export function SelectionBar({ chosen, runs, actions, onClear }: SelectionBarProps) {
  const starred = chosen.every((row) => row.starred);
  const archived = chosen.every((row) => row.archived);
  const button = (action: RunActions[keyof RunActions], icon: LucideIcon, label: string) => (
    <ActionButton kind="quiet" action={action}>
      <Icon of={icon} />
      {label}
      <kbd>{shortcutLabel(action.shortcut ?? '')}</kbd>
    </ActionButton>
  );
  return (
    <div className="selection-bar" role="toolbar" aria-label="Selected runs">
      <strong>{countText(runs, 'run')} selected</strong>
      <ActionButton kind="primary" action={actions.compare}>
        <Icon of={Scale} />
        Compare
        <kbd>{shortcutLabel(actions.compare.shortcut ?? '')}</kbd>
      </ActionButton>
      {button(actions.editNotes, Tag, 'Tags')}
      {button(actions.star, Star, starred ? 'Unstar' : 'Star')}
      {button(actions.rename, PencilLine, 'Rename')}
      {button(actions.move, FolderInput, 'Move')}
      {button(actions.archive, archived ? ArchiveRestore : Archive, archived ? 'Restore' : 'Archive')}
      {button(actions.delete, Trash2, 'Delete')}
      <Button kind="quiet" aria-label="Clear the selection" title="Clear the selection" onClick={onClear}>
        <Icon of={X} />
      </Button>
    </div>
  );
}
