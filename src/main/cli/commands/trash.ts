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
import type { CliCommand } from '../command.ts';
import type { Answer } from '../context.ts';
import { textTable } from '../terminal/text-table.ts';
import { utc } from '../text/run-text.ts';

/** `trash list | restore | adopt | delete | empty`. */
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
    .examples('tessera trash list', 'tessera trash list --json')
    .ask(async (store) => {
      const items = await store.trash.list();
      return [items, items.length > 0 ? listText(items) : 'The trash is empty.'];
    });
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
    .examples('tessera trash adopt runs/2ndz1d54qvx')
    .ask(adopt);
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

async function adopt(store: Store, paths: string[]): Promise<Answer> {
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
