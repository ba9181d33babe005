import { resolve } from 'node:path';
import { UserError } from '../../../core/errors.ts';
import { countText } from '../../../core/names.ts';
import type { CliCommand } from '../command.ts';
import type { Answer, CommandContext } from '../context.ts';

/** Names of runs that a restored backup does not know. */
const SHOWN = 10;

/** `backup create | list | restore | rebuild | begin-new`. */
export function addCommand(parent: CliCommand): void {
  const group = parent
    .command('backup')
    .summary('back up the database, and restore it')
    .description(
      'Backups of the database: runs with their configs and results, curves, notes, studies and settings. Data sets and ' +
        'checkpoints are files of their own in the home. One is made a day by itself, by the window or by a command that changes something; ' +
        'of those the newest of the last three days, weeks and months are kept.',
    )
    .helpCommand(false);
  group
    .command('create')
    .description('Writes a checked copy of the database; others may work on with it meanwhile.')
    .option('--out <file>', 'write to this file (default: a new one in the folder "backups" of the home)')
    .examples('tessera backup create', 'tessera backup create --out /mnt/disk/tessera.db')
    .answer(create);
  group
    .command('list')
    .description('Lists the backups in the home, newest first.')
    .examples('tessera backup list')
    .answer(list);
  group
    .command('restore [file]')
    .description(
      'Puts a backup in the place of the database (default: the newest backup). What was there stays beside it under ' +
        'another name. Folders of runs and data sets that the backup does not know stay too, and are named.',
    )
    .examples('tessera backup restore', 'tessera backup restore /mnt/disk/tessera.db')
    .answer(restore);
  group
    .command('rebuild')
    .description(
      'Makes the database again from the folders of runs and data sets: with names, settings, notes, results, curves and ranks. What was ' +
        'there stays beside it under another name. What is in no file is named.',
    )
    .option('--replace', 'also where there is a sound database')
    .examples('tessera backup rebuild')
    .answer(remake);
  group
    .command('begin-new')
    .description(
      'Begins an empty database where the one of the home is missing. Folders of runs and data sets stay, and are named ' +
        'by "trash list".',
    )
    .examples('tessera backup begin-new')
    .answer(beginEmpty);
}

async function create({ home }: CommandContext, { out }: { out?: string }): Promise<Answer> {
  const { backUp } = await import('../../../core/store/db/backup.ts');
  const made = await backUp(resolve(home), out === undefined ? undefined : resolve(out));
  return [made, `Wrote ${made.path}.`];
}

async function list({ home }: CommandContext): Promise<Answer> {
  const { listBackups } = await import('../../../core/store/db/damage.ts');
  const backups = listBackups(resolve(home));
  const lines = backups.map(({ at, path }) => `${new Date(at).toISOString().slice(0, 16)}  ${path}`);
  return [backups, lines.length > 0 ? lines.join('\n') : 'No backups yet.'];
}

async function restore(context: CommandContext, file: string | undefined): Promise<Answer> {
  const [{ restoreBackup }, { listBackups }] = await Promise.all([
    import('../../../core/store/db/backup.ts'),
    import('../../../core/store/db/damage.ts'),
  ]);
  const home = resolve(context.home);
  const backup = file === undefined ? listBackups(home)[0]?.path : resolve(file);
  if (backup === undefined) throw new UserError(`${home}: there is no backup in it; name a file`);
  const { replaced, unknown } = await restoreBackup(home, backup);
  const text = [
    `Restored ${backup}.`,
    ...(replaced === null ? [] : [`What was there is now ${replaced}.`]),
    ...unknownText('run', unknown.runs),
    ...unknownText('data set', unknown.datasets),
  ].join(' ');
  return [{ backup, replaced, unknown }, text];
}

function unknownText(noun: string, unknown: readonly { id: string; name: string }[]): string[] {
  if (unknown.length === 0) return [];
  const shown = unknown.slice(0, SHOWN).map(({ id, name }) => (id === name ? id : `${name} (${id})`));
  if (unknown.length > shown.length) shown.push(`and ${unknown.length - shown.length} more`);
  const what = countText(unknown.length, noun);
  return [`It does not know ${what}, ${shown.join(', ')}: the files stay, and "trash list" names them.`];
}

async function remake(context: CommandContext, { replace }: { replace?: boolean }): Promise<Answer> {
  const { rebuild } = await import('../../../core/store/files/rebuild.ts');
  const rebuilt = await rebuild(resolve(context.home), { replace });
  const { runs, datasets, replaced, lost } = rebuilt;
  const text = [
    `Made the database again: ${countText(runs, 'run')} and ${countText(datasets, 'data set')}.`,
    ...(replaced === null ? [] : [`What was there is now ${replaced}.`]),
    'Not there again:',
    ...lost.map((line) => `  ${line}`),
  ];
  return [rebuilt, text.join('\n')];
}

async function beginEmpty(context: CommandContext): Promise<Answer> {
  const { beginNew } = await import('../../../core/store/db/backup.ts');
  const home = resolve(context.home);
  beginNew(home);
  return [{ home }, `Began an empty database in ${home}.`];
}
