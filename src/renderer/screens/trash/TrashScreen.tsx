import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { coming } from '../../../core/api/changes.ts';
import { TRASH_DAYS, TRASH_NOUNS, type TrashItem, type TrashRef } from '../../../core/api/trash.ts';
import type { Action } from '../../actions/action.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { ActionButton } from '../../components/Button.tsx';
import { confirmed } from '../../components/Confirm.tsx';
import { column } from '../../components/columns.ts';
import { EmptyState, Problem, Screen } from '../../components/Screen.tsx';
import { Table } from '../../components/Table.tsx';
import { agoText, bytesText, countText, timeText } from '../../format/format.ts';
import { api, client } from '../../state/api.ts';
import { change } from '../../state/deeds.ts';
import { attempt, notify } from '../../state/toasts.ts';

const keyOf = ({ kind, id }: TrashRef) => `${kind} ${id}`;
const sizeOf = (items: readonly TrashItem[]) => items.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
/** "3 items, 1.2 GB" */
const amountText = (items: readonly TrashItem[]) =>
  `${countText(items.length, 'item')}, ${bytesText(sizeOf(items))}`;

const COLUMNS = [
  column<TrashItem>('name', 'Name', 'text', ({ name }) => name, { grows: true, width: 280 }),
  column<TrashItem>('kind', 'Kind', 'text', ({ kind }) => TRASH_NOUNS[kind]),
  column<TrashItem>('deleted', 'Deleted', 'time', ({ deletedAt }) => deletedAt, {
    width: 160,
    text: ({ deletedAt }) => (deletedAt === null ? 'Not in the database' : agoText(deletedAt, Date.now())),
  }),
  column<TrashItem>('purged', 'Deleted for good', 'time', ({ purgedAt }) => purgedAt, {
    width: 180,
    text: ({ purgedAt }) => (purgedAt === null ? 'Never by itself' : timeText(purgedAt).slice(0, 10)),
  }),
  column<TrashItem>('size', 'Size', 'bytes', ({ bytes }) => bytes),
];

function restore(items: readonly TrashItem[]): Promise<boolean> {
  const what = items.length === 1 ? items[0].name : countText(items.length, 'item');
  const title = `Restored ${what}`;
  const strays = items.filter(({ kind }) => kind === 'folder');
  return attempt('Could not restore them', async () => {
    if (strays.length > 0) {
      await client.trash.restore({ items: strays.map(({ kind, id }) => ({ kind, id })) });
      notify({ level: 'info', title });
    }
    const kinds = Map.groupBy(items, ({ kind }) => kind);
    const changes = [...kinds].flatMap(([kind, some]) =>
      kind === 'folder'
        ? []
        : [
            coming(
              kind,
              some.map(({ id }) => id),
            ),
          ],
    );
    if (changes.length > 0)
      await change('Could not restore them', { label: `restoring of ${what}`, title }, changes);
  });
}

async function deleteForGood(items: readonly TrashItem[], work: () => Promise<void>): Promise<boolean> {
  const body = <p>This frees {bytesText(sizeOf(items))} and cannot be undone.</p>;
  const title = `Delete ${items.length === 1 ? items[0].name : countText(items.length, 'item')} for good?`;
  if (!(await confirmed({ title, body, action: 'Delete for good' }))) return false;
  return attempt('Could not delete them for good', async () => {
    await work();
  });
}

/** What was deleted: to restore it, or to free its space. */
export default function TrashScreen() {
  const { data: items = [], isSuccess, error, refetch } = useQuery(api.trash.list.queryOptions());
  const [selection, setSelection] = useState<ReadonlySet<string>>(new Set());
  const chosen = items.filter((item) => selection.has(keyOf(item)));
  const deleted = items.filter(({ kind }) => kind !== 'folder');
  const clear = (done: boolean) => done && setSelection(new Set());
  const restoring: Action = {
    id: 'trash.restore',
    label: 'Restore the selected items',
    group: 'Edit',
    shortcut: 'r',
    enabled: () => chosen.length > 0,
    perform: () => void restore(chosen).then(clear),
  };
  const deletion: Action = {
    id: 'trash.delete',
    label: 'Delete the selected items for good',
    group: 'Edit',
    shortcut: 'Delete',
    enabled: () => chosen.length > 0,
    perform: () => {
      const refs = chosen.map(({ kind, id }) => ({ kind, id }));
      void deleteForGood(chosen, () => client.trash.purge({ items: refs })).then(clear);
    },
  };
  const emptying: Action = {
    id: 'trash.empty',
    label: 'Empty the trash',
    group: 'Edit',
    enabled: () => deleted.length > 0,
    perform: () => void deleteForGood(deleted, () => client.trash.empty()).then(clear),
  };
  useRegisteredActions([restoring, deletion, emptying]);
  return (
    <Screen
      title="Trash"
      aside={items.length > 0 && <span className="muted">{amountText(items)}</span>}
      actions={
        items.length > 0 && (
          <>
            <ActionButton kind="danger" action={emptying}>
              Empty
            </ActionButton>
            <ActionButton kind="danger" action={deletion}>
              Delete for good
            </ActionButton>
            <ActionButton kind="primary" action={restoring}>
              Restore
            </ActionButton>
          </>
        )
      }
    >
      {error && <Problem query={{ error, refetch }} />}
      {isSuccess && items.length === 0 && (
        <EmptyState
          title="The trash is empty"
          text={`Deleted runs, data sets, studies, sweeps, projects and comparisons stay here for ${TRASH_DAYS} days.`}
        />
      )}
      {items.length > 0 && (
        <Table
          label="Trash"
          columns={COLUMNS}
          rows={items}
          rowKey={keyOf}
          selection={selection}
          onSelect={setSelection}
        />
      )}
    </Screen>
  );
}
