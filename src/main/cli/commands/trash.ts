import type { StrayLook } from '../../../core/api/trash.ts';
import { amount } from '../../../core/documents/study/words.ts';
import { UserError } from '../../../core/errors.ts';
import { countText } from '../../../core/names.ts';
import {
  TRASH_DAYS,
  TRASH_NOUNS,
  type TrashItem,
  type TrashRef,
} from '../../../core/store/home/trash-types.ts';
import type { Store } from '../../../core/store/store.ts';
import type { Executor } from '../../executors/executor.ts';
import type { CliCommand } from '../command.ts';
import type { Answer } from '../context.ts';
import { textTable } from '../terminal/text-table.ts';
import { utc } from '../text/run-text.ts';

/** `trash list | restore | adopt | end | delete | empty`. */
export function addCommand(parent: CliCommand): void {
  const group = parent
    .command('trash')
    .summary('restore what was deleted, or delete it permanently')
    .description(
      `What was deleted stays in the trash for ${TRASH_DAYS} days: runs, data sets, studies, sweeps, projects and saved comparisons. Folders of ` +
        'runs and data sets that the database does not know are listed too, and stay until you delete them here.',
    )
    .helpCommand(false);
  group
    .command('list')
    .description('Lists what is in the trash, newest first, with its size on the disk.')
    .option('--machines', 'also look on your other machines for trainings that no run here knows')
    .examples('tessera trash list', 'tessera trash list --json', 'tessera trash list --machines')
    .ask(list);
  group
    .command('restore <item...>')
    .description(
      'Brings items back, by id or name. Where its name has been taken, an item gets a number behind it.',
    )
    .examples('tessera trash restore sasrec-beauty-seed1', 'tessera trash restore beauty-0a1b2c3d')
    .ask(async (store, references: string[]) => {
      const items = await chosen(store, references);
      store.trash.restore(refs(items));
      return [{ restored: refs(items) }, `Restored ${namesOf(items)}.`];
    });
  group
    .command('adopt <folder...>')
    .description(
      'Brings folders of runs and data sets that the database does not know into it: a run with its settings, results, curves and ranks.',
    )
    .option('--measure', 'queue the evaluation of its best checkpoint, too: all of it, or nothing')
    .examples('tessera trash adopt runs/2ndz1d54qvx', 'tessera trash adopt runs/2ndz1d54qvx --measure')
    .ask(adopt);
  group
    .command('end <stray>')
    .description(
      'Ends the training of a stray that still runs: a folder of runs here, or one that "trash list --machines" names on another machine. Its ' +
        'checkpoint and its folder stay. Only a process that is surely its trainer is ended.',
    )
    .option('--on <host>', 'the machine that it is training on (default: this one)')
    .examples(
      'tessera trash end runs/2ndz1d54qvx',
      'tessera trash end 2ndz1d54qvx-events-1-1764576000000 --on lab-2',
    )
    .ask(end);
  group
    .command('delete <item...>')
    .description('Deletes items permanently, with their files.')
    .examples('tessera trash delete sasrec-beauty-seed1', 'tessera trash delete runs/2ndz1d54qvx')
    .ask(async (store, references: string[]) => {
      const items = await chosen(store, references);
      await store.trash.purge(refs(items));
      return [{ deleted: refs(items) }, `Deleted ${namesOf(items)} permanently.`];
    });
  group
    .command('empty')
    .description('Deletes everything in the trash permanently. Folders that the database does not know stay.')
    .examples('tessera trash empty')
    .ask(empty);
}

function listText(items: readonly TrashItem[]): string {
  const rows = items.map(({ kind, name, id, deletedAt, bytes }) => [
    TRASH_NOUNS[kind],
    name,
    id,
    deletedAt === null ? '–' : utc(deletedAt),
    bytes === null ? '–' : `${amount(bytes)}B`,
  ]);
  return textTable(['Kind', 'Name', 'Id', 'Deleted (UTC)', 'Size'], rows, ['Size']);
}

/** The items that were named, each once. Throws UserError where none or several fit. */
async function chosen(store: Store, references: readonly string[]): Promise<TrashItem[]> {
  const items = await store.trash.list();
  const found = references.map((reference) => {
    const fitting = items.filter(({ id, name }) => id === reference || name === reference);
    if (fitting.length === 1) return fitting[0];
    if (fitting.length === 0)
      throw new UserError(`"${reference}" is not in the trash; "trash list" shows what is`);
    const ids = fitting.map(({ kind, id }) => `${TRASH_NOUNS[kind]} ${id}`).join(', ');
    throw new UserError(`${fitting.length} items of the trash fit "${reference}" (${ids}): give an id`);
  });
  return [...new Set(found)];
}

const refs = (items: readonly TrashItem[]): TrashRef[] => items.map(({ kind, id }) => ({ kind, id }));
const namesOf = (items: readonly TrashItem[]) =>
  items.map(({ kind, name }) => `the ${TRASH_NOUNS[kind]} ${name}`).join(', ');

async function list(store: Store, { machines }: { machines?: boolean }): Promise<Answer> {
  const items = await store.trash.list();
  const text = items.length > 0 ? listText(items) : 'The trash is empty.';
  if (!machines) return [items, text];
  const { straysElsewhere } = await import('../../services/strays.ts');
  const looks = await withMachines(store, (on) => straysElsewhere(store, on));
  return [{ items, machines: looks }, [text, ...looks.map(lookText)].join('\n\n')];
}

function lookText({ on, strays, problem }: StrayLook): string {
  if (problem !== null) return `${on} could not be asked: ${problem}`;
  if (strays.length === 0) return `On ${on}: no strays.`;
  const rows = strays.map(({ name, model, dataset, state, job, at }) => [
    name,
    model ?? 'unknown',
    dataset ?? 'unknown',
    job === null ? (state ?? 'unknown') : `${state}, job ${job}`,
    utc(at),
  ]);
  return `On ${on}:\n${textTable(['Folder there', 'Model', 'Data set', 'State', 'Last written (UTC)'], rows)}`;
}

async function end(store: Store, id: string, { on }: { on?: string }): Promise<Answer> {
  const [{ endStray }, { strayTraining }] = await Promise.all([
    import('../../services/strays.ts'),
    import('../../../core/api/trash.ts'),
  ]);
  const asked = strayTraining.safeParse({ id, on: on ?? null });
  if (!asked.success) throw new UserError(`"${id}" must be ${asked.error.issues[0].message}`);
  await withMachines(store, (executorOf) => endStray(store, asked.data, executorOf));
  return [{ ended: asked.data }, `Ended ${id}${on === undefined ? '' : ` on ${on}`}.`];
}

async function withMachines<T>(
  store: Store,
  work: (on: (host: string) => Executor) => Promise<T>,
): Promise<T> {
  const { remoteExecutors } = await import('../../services/hosts.ts');
  const used: Executor[] = [];
  const elsewhere = remoteExecutors(store);
  try {
    return await work((host) => {
      const executor = elsewhere(host, store.hosts.find(host)?.folder ?? null);
      used.push(executor);
      return executor;
    });
  } finally {
    await Promise.all(used.map((executor) => executor.close?.()));
  }
}

async function adopt(store: Store, paths: string[], { measure }: { measure?: boolean }): Promise<Answer> {
  if (measure) {
    const { measureStray } = await import('../../services/runs/evaluation-run.ts');
    const queued = store.transaction(() => paths.map((path) => measureStray(store, path)));
    const names = queued.map(({ name }) => name);
    return [
      { adopted: paths, queued: queued.map(({ id }) => id) },
      `Adopted ${paths.join(', ')}; queued ${names.join(', ')}.`,
    ];
  }
  const { adoptFolders } = await import('../../../core/store/files/adopt.ts');
  const not = adoptFolders(store, paths);
  const adopted = paths.filter((path) => !not.some((one) => one.path === path));
  if (not.length > 0)
    throw new UserError({
      code: 'invalid',
      problem: not.map(({ problem }) => problem).join('; '),
      kept:
        adopted.length === 0
          ? undefined
          : `${adopted.join(', ')} ${adopted.length === 1 ? 'was' : 'were'} adopted`,
    });
  return [{ adopted }, `Adopted ${adopted.join(', ')}.`];
}

async function empty({ trash }: Store): Promise<Answer> {
  const items = await trash.list();
  await trash.purgeAll();
  const strays = items.filter(({ kind }) => kind === 'folder');
  const gone = items.filter(({ kind }) => kind !== 'folder');
  const stays =
    strays.length === 0 ? '' : ` ${countText(strays.length, 'stray folder')} stay: delete them by name.`;
  return [{ deleted: refs(gone) }, `Deleted ${countText(gone.length, 'item')} permanently.${stays}`];
}
