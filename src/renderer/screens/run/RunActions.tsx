import { useQuery } from '@tanstack/react-query';
import { useMemo, useRef, useState } from 'react';
import type { RunPage } from '../../../core/api/runs.ts';
import type { Action } from '../../actions/action.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { Button } from '../../components/Button.tsx';
import { copyText } from '../../components/copy.ts';
import { Menu } from '../../components/Menu.tsx';
import { openNewRun } from '../../new-run/new-run.ts';
import { archiveRuns, compareRuns, deleteRuns, starRuns } from '../../runs/changes.ts';
import { NotesDialog } from '../../runs/NotesDialog.tsx';
import { QueueButtons } from '../../runs/QueueButtons.tsx';
import { api } from '../../state/api.ts';
import { goTo } from '../../state/navigation.ts';
import { useRunRoute } from './run-route.ts';

/** What can be done with the run. */
export function RunActions({ page: { run, annotations, queuePosition, held } }: { page: RunPage }) {
  const { siblings } = useRunRoute();
  const [noting, setNoting] = useState(false);
  const fields = useQuery(api.runs.fields.queryOptions());
  const { starred, archived } = annotations;
  const perform = {
    star: () => void starRuns([run.id], !starred),
    notes: () => setNoting(true),
    compare: () => compareRuns(siblings.length > 1 ? siblings.map(({ id }) => id) : [run.id]),
    archive: () => void archiveRuns([run.id], !archived),
    again: () =>
      openNewRun({
        dataset: run.dataset.name,
        model: run.model,
        overrides: run.config,
        seeds: [run.seed + 1],
        device: run.requestedDevice,
      }),
    remove: () => void deleteRuns([run.id]).then((gone) => gone && goTo('runs')),
  };
  useShortcuts(perform);
  return (
    <>
      <QueueButtons run={run} waiting={queuePosition !== null} held={held} />
      <Button onClick={perform.star}>{starred ? 'Unstar' : 'Star'}</Button>
      <Button onClick={perform.notes}>Tags and notes</Button>
      <Button onClick={perform.compare}>Compare</Button>
      <Menu
        trigger={<Button>More</Button>}
        choices={[
          { label: 'New run with this config', shortcut: 'r', onSelect: perform.again },
          { label: 'Copy id', onSelect: () => void copyText(run.id, `Copied ${run.id}`) },
          null,
          {
            label: archived ? 'Take back from the archive' : 'Archive',
            shortcut: 'e',
            onSelect: perform.archive,
          },
          { label: 'Delete', disabled: run.status === 'running', onSelect: perform.remove },
        ]}
      />
      {noting && (
        <NotesDialog
          runs={[run.id]}
          tags={annotations.tags}
          known={fields.data?.tags ?? []}
          notes={annotations.notes}
          onClose={() => setNoting(false)}
        />
      )}
    </>
  );
}

type Performed = Record<'star' | 'notes' | 'compare' | 'archive' | 'again' | 'remove', () => void>;

const ACTIONS: [what: keyof Performed, label: string, shortcut: string][] = [
  ['star', 'Star or unstar this run', 's'],
  ['notes', 'Edit tags and notes of this run', 't'],
  ['compare', 'Compare this run', 'c'],
  ['again', 'New run with this config', 'r'],
  ['archive', 'Archive this run, or take it back', 'e'],
  ['remove', 'Delete this run', 'Delete'],
];

function useShortcuts(perform: Performed): void {
  const current = useRef(perform);
  current.current = perform;
  const actions = useMemo(
    () =>
      ACTIONS.map(
        ([what, label, shortcut]): Action => ({
          id: `run.${what}`,
          label,
          group: 'Run',
          shortcut,
          perform: () => current.current[what](),
        }),
      ),
    [],
  );
  useRegisteredActions(actions);
}
