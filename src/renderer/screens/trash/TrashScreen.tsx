import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { timeSince } from '../../../core/api/machines.ts';
import { TRASH_DAYS, type TrashItem, type TrashRef } from '../../../core/api/trash.ts';
import type { Action } from '../../actions/action.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { ActionButton, Button } from '../../components/Button.tsx';
import { confirmed } from '../../components/Confirm.tsx';
import { EmptyState, Screen } from '../../components/Screen.tsx';
import { Statement } from '../../components/Statement.tsx';
import { Table } from '../../components/Table.tsx';
import { bytesText, countText } from '../../format/format.ts';
import { api, client } from '../../state/api.ts';
import { attempt } from '../../state/toasts.ts';
import { restore, TRASH_COLUMNS } from './columns.tsx';
import { Strays } from './Strays.tsx';

/** Rows that are in sight at once. */
const LINES = 20;

const keyOf = ({ kind, id }: TrashRef) => `${kind} ${id}`;
const sizeOf = (items: readonly TrashItem[]) => items.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
/** "3 items, 1.2 GB" */
const amountText = (items: readonly TrashItem[]) =>
  `${countText(items.length, 'item')}, ${bytesText(sizeOf(items))}`;

/** As many as one call takes. */
const BATCH = 10_000;

/** Deletes what it has counted, and nothing that came into the trash while it asked. */
async function purge(items: readonly TrashItem[]): Promise<boolean> {
  const body = <p>This frees {bytesText(sizeOf(items))} and cannot be undone.</p>;
  const title = `Delete ${items.length === 1 ? items[0].name : countText(items.length, 'item')} permanently?`;
  if (!(await confirmed({ title, body, action: 'Delete permanently' }))) return false;
  return attempt('Could not delete them permanently', async () => {
    const refs = items.map(({ kind, id }) => ({ kind, id }));
    for (let at = 0; at < refs.length; at += BATCH)
      await client.trash.purge({ items: refs.slice(at, at + BATCH) });
  });
}

/** What was deleted: to restore it, or to free its space. */
export default function TrashScreen() {
  const list = useQuery(api.trash.list.queryOptions());
  const { data: items = [], isSuccess } = list;
  const [selection, setSelection] = useState<ReadonlySet<string>>(new Set());
  const deleted = items.filter(({ kind }) => kind !== 'folder');
  const strays = items.filter(({ kind }) => kind === 'folder');
  const chosen = deleted.filter((item) => selection.has(keyOf(item)));
  const clear = (done: boolean) => done && setSelection(new Set());
  const deed = (
    id: string,
    label: string,
    items: readonly TrashItem[],
    perform: typeof purge,
    shortcut?: string,
  ): Action => ({
    ...{ id, label, shortcut, group: 'Edit' },
    enabled: () => items.length > 0,
    perform: () => void perform(items).then(clear),
  });
  const restoring = deed('trash.restore', 'Restore the selected items', chosen, restore, 'r');
  const deletion = deed('trash.delete', 'Delete the selected items permanently', chosen, purge, 'Delete');
  const emptying = deed('trash.empty', 'Empty the trash', deleted, purge);
  useRegisteredActions([restoring, deletion, emptying]);
  return (
    <Screen
      title="Trash"
      aside={deleted.length > 0 && <span className="muted">{amountText(deleted)}</span>}
      actions={
        items.length > 0 && (
          <>
            <ActionButton kind="danger" action={emptying}>
              Empty trash
            </ActionButton>
            <ActionButton kind="danger" action={deletion}>
              Delete permanently
            </ActionButton>
            <ActionButton kind="primary" action={restoring}>
              Restore
            </ActionButton>
          </>
        )
      }
    >
      {isSuccess && items.length === 0 && (
        <div className="flow">
          <EmptyState
            title="The trash is empty"
            text={`Deleted runs, data sets, studies, sweeps, projects and comparisons stay here for ${TRASH_DAYS} days.`}
          />
          <Strays strays={[]} onDelete={(one) => purge([one])} />
          <IfLost />
        </div>
      )}
      {(!isSuccess || items.length > 0) && (
        <div className="flow">
          {(!isSuccess || deleted.length > 0) && (
            <>
              {isSuccess && (
                <Statement
                  fact="Nothing here is lost yet"
                  limit=": restored as it was until the date in its row"
                  label="Deleted"
                />
              )}
              <Table
                label="Trash"
                columns={TRASH_COLUMNS}
                rows={isSuccess ? deleted : undefined}
                query={list}
                rowKey={keyOf}
                selection={selection}
                onSelect={setSelection}
                lines={LINES}
              />
            </>
          )}
          <Strays strays={strays} onDelete={(one) => purge([one])} />
          <IfLost />
        </div>
      )}
    </Screen>
  );
}

const PERIODS = ['days', 'weeks', 'months'] as const;

/** What helps where the database itself is gone, and its backups as tiles: days, weeks, months, and those made by hand or an update. */
function IfLost() {
  const { data: backups = [] } = useQuery(api.trash.backups.queryOptions());
  const { data: system } = useQuery(api.settings.system.queryOptions());
  const [newest] = backups;
  const counts = [...PERIODS, null].flatMap((period) => {
    const count = backups.filter(({ of }) => of === period).length;
    if (count === 0) return [];
    return [period === null ? `${count} other` : countText(count, period.slice(0, -1))];
  });
  return (
    <div className="panels">
      <section>
        <h2>If the database itself is gone</h2>
        <p className="muted">
          Every run, data set and study can be made again from its folder, while Tessera is closed; the order
          of the queue cannot.
        </p>
        <code>{system?.commandLine ?? 'tessera'} backup rebuild</code>
      </section>
      <section>
        <div className="row spread">
          <h2>
            Backups <span className="muted">beside running trainings</span>
          </h2>
          <Button onClick={() => void attempt('Could not back up the database', () => client.trash.backUp())}>
            Back up now
          </Button>
        </div>
        <p className="row">
          {newest && (
            <span className="flex gap-tile" aria-hidden="true">
              {backups.map(({ of, at }) => (
                <i key={at} className="run-tile backup-tile" data-of={of ?? undefined} />
              ))}
            </span>
          )}
          {newest ? counts.join(', ') : 'None yet: one is made a day while Tessera is open.'}
        </p>
        {newest && (
          <p className="small muted">
            Newest {timeSince(newest.at, Date.now())} ago, {bytesText(newest.bytes)}, checked when it was
            made.
          </p>
        )}
      </section>
    </div>
  );
}
