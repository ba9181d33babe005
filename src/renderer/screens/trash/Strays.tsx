import { useState } from 'react';
import { coming } from '../../../core/api/changes.ts';
import type { StrayLook, TrashItem } from '../../../core/api/trash.ts';
import { Button } from '../../components/Button.tsx';
import { confirmed } from '../../components/Confirm.tsx';
import { column } from '../../components/columns.ts';
import { Chip } from '../../components/lists.tsx';
import { Statement } from '../../components/Statement.tsx';
import { Table } from '../../components/Table.tsx';
import { countText, timeText } from '../../format/format.ts';
import { RunTile } from '../../runs/RunTile.tsx';
import { client } from '../../state/api.ts';
import { remember } from '../../state/deeds.ts';
import { useHosts } from '../../state/hosts.ts';
import { attempt, notify } from '../../state/toasts.ts';

/** A stray folder, a training on another machine, or both in one. */
interface Stray {
  title: string;
  model: string | null;
  /** Of its folder: inside the home, or on the machine. */
  id: string;
  readable: string;
  isWhole: boolean;
  from: string;
  state: string;
  bytes: number | null;
  /** Its folder here; null for one that lies on another machine alone. */
  item: TrashItem | null;
  /** What trains it, where that can be ended. */
  trainer: { id: string; on: string | null } | null;
}

const STATES = {
  never: 'never began',
  begun: 'begins',
  runs: 'still running',
  ended: 'ended',
  lost: 'ended without a word',
};

function straysOf(items: readonly TrashItem[], looks: readonly StrayLook[]): Stray[] {
  const here = items.flatMap((item): Stray[] => {
    const { id, stray, bytes } = item;
    if (!stray) return [];
    const { at, from, trains, ...facts } = stray;
    const when = [from, at && timeText(at).slice(0, 10)].filter(Boolean).join(', ');
    return [{ ...facts, id, bytes, item, from: when, trainer: trains ? { id, on: null } : null }];
  });
  const there = looks.flatMap(({ on, strays }) =>
    strays.map(({ name, state, job, model, dataset, at }): Stray => {
      const folder = here.find(({ id }) => id === `runs/${name.split('-')[0]}`);
      const goesOn = state === 'runs' || state === 'begun';
      const said = state === null ? 'cannot be told' : job && goesOn ? `job ${job}` : STATES[state];
      const trainer = goesOn ? { id: name, on } : null;
      if (folder && goesOn) return Object.assign(folder, { trainer, state: `${said} on ${on}` });
      return {
        ...{ title: [model, dataset].filter(Boolean).join(', ') || name, model, id: name, isWhole: true },
        ...{ readable: 'its settings, there', from: `${on}, ${timeText(at).slice(0, 10)}`, state: said },
        ...{ bytes: null, item: null, trainer },
      };
    }),
  );
  return [...new Set([...here, ...there])];
}

/** Its question says whose it may be: a machine is often shared by several data folders. */
async function end({ title, trainer }: Stray): Promise<boolean> {
  if (trainer === null) return false;
  const { on } = trainer;
  const body = on
    ? `It may be of another data folder that uses ${on}. Its checkpoint and its folder stay there.`
    : 'Its checkpoint and its folder stay.';
  const question = { title: `End the training of ${title}?`, body, action: 'End it there' };
  if (!(await confirmed(question))) return false;
  return attempt('Could not end it', async () => {
    await client.trash.end(trainer);
    notify({ level: 'info', title: `Ended ${title}${on ? ` on ${on}` : ''}` });
  });
}

/** Asks; what is taken back goes to the trash, with its folder as it was. */
async function adopt({ id, title }: Stray, measures: boolean): Promise<void> {
  const body = `Its folder is listed again and nothing in it changes.${measures ? ' Its best checkpoint is evaluated.' : ''} Undo moves it to the trash.`;
  const action = measures ? 'Adopt, measure again' : 'Adopt';
  if (!(await confirmed({ title: `Adopt ${title}?`, body, action }))) return;
  await attempt('Could not adopt it', async () => {
    const measured = measures ? [(await client.trash.measure({ id })).run] : [];
    if (!measures) await client.trash.restore({ items: [{ kind: 'folder', id }] });
    const [folder, name] = id.split('/');
    remember({
      label: `adoption of ${title}`,
      title: `Adopted ${title}${measures ? '; its evaluation is in the queue' : ''}`,
      changes: [coming(folder === 'runs' ? 'run' : 'dataset', [name, ...measured])],
    });
  });
}

interface StraysProps {
  strays: readonly TrashItem[];
  onDelete(item: TrashItem): void;
}

/** Folders, and trainings on other machines, that nothing in this data folder knows. */
export function Strays({ strays, onDelete }: StraysProps) {
  const { data: hosts = [] } = useHosts();
  const [looks, setLooks] = useState<readonly StrayLook[] | null>(null);
  const [busy, setBusy] = useState<string | null>(null);
  const during = async (what: string, work: () => Promise<unknown>) => {
    setBusy(what);
    await work().finally(() => setBusy(null));
  };
  const look = () =>
    during('look', () => attempt('Could not look', async () => setLooks(await client.trash.lookElsewhere())));
  const rows = straysOf(strays, looks ?? []);
  if (rows.length === 0 && hosts.length === 0) return null;
  const silent = (looks ?? []).flatMap(({ problem }) => problem ?? []);
  const columns = [
    column<Stray>('name', 'Seems to be', 'text', ({ title }) => title, {
      render: ({ title, model, id }) => (
        <span className="row gap-sign">
          {model && <RunTile model={model} />}
          {title}
          {title !== id && <span className="regular muted">{id}</span>}
        </span>
      ),
    }),
    column<Stray>('readable', 'What is readable', 'text', ({ readable }) => readable, {
      render: ({ readable, isWhole }) => <span className={isWhole ? '' : 'warning'}>{readable}</span>,
    }),
    column<Stray>('from', 'Where it comes from', 'text', ({ from }) => from),
    column<Stray>('state', 'State', 'text', ({ state }) => state, {
      render: ({ state, trainer }) => (trainer ? <Chip tone="accent">{state}</Chip> : state),
    }),
    column<Stray>('size', 'Size', 'bytes', ({ bytes }) => bytes),
    column<Stray>('adopt', '', 'none', () => null, {
      head: <span className="visually-hidden">Adopt</span>,
      render: (stray) => {
        const { item, title, trainer, isWhole } = stray;
        return (
          <span className="row gap-1 end">
            {trainer && (
              <Button
                kind="quiet"
                aria-label={`End ${title} there`}
                disabled={busy !== null}
                onClick={() => void during(trainer.id, () => end(stray))}
              >
                {busy === trainer.id ? 'Ending' : 'End it there'}
              </Button>
            )}
            {item && !trainer && (
              <Button
                kind="quiet"
                aria-label={`Delete ${item.id} permanently`}
                onClick={() => onDelete(item)}
              >
                Delete
              </Button>
            )}
            {item?.stray?.isMeasurable && (
              <Button
                aria-label={`Adopt ${title}, measure again`}
                title="Queues the evaluation of its best checkpoint"
                onClick={() => void adopt(stray, true)}
              >
                Adopt, measure again
              </Button>
            )}
            <Button
              aria-label={`Adopt ${title}`}
              disabled={!item || !isWhole}
              title={
                !item ? 'Its folder is on that machine' : isWhole ? undefined : 'It does not say what it is'
              }
              onClick={() => void adopt(stray, false)}
            >
              Adopt
            </Button>
          </span>
        );
      },
    }),
  ];
  return (
    <>
      <div className="flex top wrap spread">
        <Statement
          fact={rows.length === 0 ? 'No strays' : countText(rows.length, 'stray')}
          limit=": folders and trainings that nothing in this data folder knows; adopting writes nothing into them"
          label="Strays"
        >
          {silent.length > 0 && silent.join(' ')}
        </Statement>
        {hosts.length > 0 && (
          <Button disabled={busy !== null} onClick={() => void look()}>
            {busy === 'look'
              ? 'Looking'
              : looks
                ? 'Look again'
                : `Look on ${countText(hosts.length, 'machine')}`}
          </Button>
        )}
      </div>
      {rows.length > 0 && (
        <div className="wide-tables">
          <Table label="Strays" columns={columns} rows={rows} rowKey={({ id }) => id} />
        </div>
      )}
    </>
  );
}
