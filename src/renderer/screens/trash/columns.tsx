import { coming } from '../../../core/api/changes.ts';
import { TRASH_NOUNS, type TrashItem } from '../../../core/api/trash.ts';
import { Button } from '../../components/Button.tsx';
import { column } from '../../components/columns.ts';
import { agoText, countText, timeText } from '../../format/format.ts';
import { RunTile } from '../../runs/RunTile.tsx';
import { change } from '../../state/deeds.ts';

/** Of what was deleted, each with its own way back. */
export const TRASH_COLUMNS = [
  column<TrashItem>('name', 'Deleted', 'text', ({ name }) => name, {
    grows: true,
    width: 240,
    render: ({ kind, name, model = null }) => (
      <span className="row gap-sign">
        {kind === 'run' && <RunTile model={model} />}
        {name}
      </span>
    ),
  }),
  column<TrashItem>('kind', 'Kind', 'text', ({ kind }) => TRASH_NOUNS[kind]),
  column<TrashItem>('deleted', 'When', 'time', ({ deletedAt }) => deletedAt, {
    width: 120,
    text: ({ deletedAt }) => agoText(deletedAt, Date.now()),
  }),
  column<TrashItem>('purged', 'Permanently deleted on', 'time', ({ purgedAt }) => purgedAt, {
    width: 180,
    text: ({ purgedAt }) => (purgedAt === null ? 'Never by itself' : timeText(purgedAt).slice(0, 10)),
  }),
  column<TrashItem>('size', 'Size', 'bytes', ({ bytes }) => bytes),
  column<TrashItem>('dependants', 'Depends on it', 'text', ({ dependants }) => dependants, {
    width: 280,
    render: ({ dependants = '–' }) => (
      <span className={dependants === '–' ? 'muted' : 'warning'}>{dependants}</span>
    ),
  }),
  column<TrashItem>('restore', '', 'none', () => null, {
    head: <span className="visually-hidden">Restore</span>,
    render: (item) => (
      <span className="row end">
        <Button kind="quiet" aria-label={`Restore ${item.name}`} onClick={() => void restore([item])}>
          Restore
        </Button>
      </span>
    ),
  }),
];

/** Resolves to whether it was done. */
export function restore(items: readonly TrashItem[]): Promise<boolean> {
  const what = items.length === 1 ? items[0].name : countText(items.length, 'item');
  const changes = [...Map.groupBy(items, ({ kind }) => kind)].flatMap(([kind, some]) =>
    kind === 'folder'
      ? []
      : [
          coming(
            kind,
            some.map(({ id }) => id),
          ),
        ],
  );
  const words = { label: `restoring of ${what}`, title: `Restored ${what}` };
  return change('Could not restore them', words, changes);
}
