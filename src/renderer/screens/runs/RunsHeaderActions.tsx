import type { RunTableRow } from '../../../core/api/runs.ts';
import { ActionButton, Button } from '../../components/Button.tsx';
import { Menu, type MenuChoice } from '../../components/Menu.tsx';
import { openNewRun } from '../../new-run/new-run.ts';
import type { RunActions } from './use-run-actions.ts';

interface RunsHeaderActionsProps {
  chosen: readonly RunTableRow[];
  actions: RunActions;
  copy: readonly MenuChoice[];
}

/** What can be done with the selected rows; the copy is of all rows where none is selected. */
export function RunsHeaderActions({ chosen, actions, copy }: RunsHeaderActionsProps) {
  const starred = chosen.length > 0 && chosen.every((row) => row.starred);
  const archived = chosen.length > 0 && chosen.every((row) => row.archived);
  return (
    <>
      <ActionButton action={actions.compare}>Compare</ActionButton>
      <ActionButton action={actions.star}>{starred ? 'Unstar' : 'Star'}</ActionButton>
      <ActionButton action={actions.editNotes}>Tags</ActionButton>
      <ActionButton action={actions.archive}>{archived ? 'Take back' : 'Archive'}</ActionButton>
      <ActionButton kind="danger" action={actions.remove}>
        Delete
      </ActionButton>
      <Menu
        trigger={<Button>More</Button>}
        choices={[{ ...actions.rename, label: 'Rename' }, null, ...copy]}
      />
      <Button kind="primary" onClick={() => openNewRun()}>
        New run
      </Button>
    </>
  );
}
