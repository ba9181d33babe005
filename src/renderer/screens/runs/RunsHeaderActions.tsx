import type { RunTableRow } from '../../../core/api/runs.ts';
import { Button } from '../../components/Button.tsx';
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
  const none = chosen.length === 0;
  const starred = !none && chosen.every((row) => row.starred);
  const archived = !none && chosen.every((row) => row.archived);
  return (
    <>
      <Button disabled={none} onClick={actions.compare}>
        Compare
      </Button>
      <Button disabled={none} onClick={actions.star}>
        {starred ? 'Unstar' : 'Star'}
      </Button>
      <Button disabled={none} onClick={actions.editNotes}>
        Tags
      </Button>
      <Button disabled={none} onClick={actions.archive}>
        {archived ? 'Take back' : 'Archive'}
      </Button>
      <Button kind="danger" disabled={none} onClick={actions.remove}>
        Delete
      </Button>
      <Menu
        trigger={<Button>More</Button>}
        choices={[
          { label: 'Rename', shortcut: 'F2', disabled: chosen.length !== 1, onSelect: actions.rename },
          null,
          ...copy,
        ]}
      />
      <Button kind="primary" onClick={() => openNewRun()}>
        New run
      </Button>
    </>
  );
}
