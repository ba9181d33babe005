import { resolve } from 'node:path';
import { UserError } from '../../../core/errors.ts';
import type { CliCommand } from '../command.ts';
import { answer, type CommandContext } from '../context.ts';

/** `backup create | list | restore`. */
export function addCommand(parent: CliCommand): void {
  const group = parent
    .command('backup')
    .summary('back up the database, and restore it')
    .description(
      'Backups of the database: runs with their configs and results, curves, notes, studies and settings. Data sets and ' +
        'checkpoints are files of their own in the home. While the window is open, one is made a day by itself; three are kept.',
    )
    .helpCommand(false);
  group
    .command('create')
    .description('Writes a checked copy of the database; others may work on with it meanwhile.')
    .option('--out <file>', 'write to this file (default: a new one in the folder "backups" of the home)')
    .examples('tessera backup create', 'tessera backup create --out /mnt/disk/tessera.db')
    .run(create);
  group
    .command('list')
    .description('Lists the backups in the home, newest first.')
    .examples('tessera backup list')
    .run(list);
  group
    .command('restore [file]')
    .description(
      'Puts a backup in the place of the database (default: the newest backup). What was there stays beside it under another name.',
    )
    .examples('tessera backup restore')
    .run(restore);
}

async function create(context: CommandContext, { out }: { out?: string }): Promise<void> {
  const { backUp } = await import('../../../core/store/backup.ts');
  const made = await backUp(resolve(context.home), out === undefined ? undefined : resolve(out));
  answer(context, made, () => `Wrote ${made.path}.`);
}

async function list(context: CommandContext): Promise<void> {
  const { listBackups } = await import('../../../core/store/damage.ts');
  const backups = listBackups(resolve(context.home));
  const line = ({ at, path }: (typeof backups)[number]) =>
    `${new Date(at).toISOString().slice(0, 16)}  ${path}`;
  answer(context, backups, () => (backups.length > 0 ? backups.map(line).join('\n') : 'No backups yet.'));
}

async function restore(context: CommandContext, file: string | undefined): Promise<void> {
  const [{ restoreBackup }, { listBackups }] = await Promise.all([
    import('../../../core/store/backup.ts'),
    import('../../../core/store/damage.ts'),
  ]);
  const home = resolve(context.home);
  const backup = file === undefined ? listBackups(home)[0]?.path : resolve(file);
  if (backup === undefined) throw new UserError(`${home}: there is no backup in it; name a file`);
  const replaced = await restoreBackup(home, backup);
  answer(context, { backup, replaced }, () =>
    [`Restored ${backup}.`, ...(replaced === null ? [] : [`What was there is now ${replaced}.`])].join(' '),
  );
}
