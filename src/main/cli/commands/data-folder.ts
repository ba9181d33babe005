import type { CliCommand } from '../command.ts';
import { type Answer, type CommandContext, withStore } from '../context.ts';

const CHOSEN_BY = {
  option: 'named by --home',
  environment: 'named by TESSERA_HOME',
  chosen: 'chosen earlier',
  default: 'by default',
};

/** `data-folder`: which folder is used, and the choice of another one. */
export function addCommand(parent: CliCommand): void {
  parent
    .command('data-folder [folder]')
    .summary('show the data folder, or choose another')
    .description(
      'Shows which folder holds everything, and why it is used. With a folder: uses that one from the next start on, as ' +
        'Settings do; the present one stays as it is. A new folder begins empty: to take your data along, copy the ' +
        'present one there first, while Tessera is closed.',
    )
    .examples('tessera data-folder', 'tessera data-folder /data/tessera')
    .answer(chooseFolder);
}

async function chooseFolder(context: CommandContext, folder?: string): Promise<Answer> {
  const { home, source } = context;
  if (folder === undefined) return [{ home, source }, `${home} (${CHOSEN_BY[source]})`];
  const [{ resolve }, { UserError }, { checkHome }, { storeChoice, currentEnvironment }] = await Promise.all([
    import('node:path'),
    import('../../../core/errors.ts'),
    import('../../data-folder/check.ts'),
    import('../../data-folder/choice.ts'),
  ]);
  const { path, problem, notes } = checkHome(resolve(folder), resolve(home), currentEnvironment());
  if (problem !== null) throw new UserError(`${path}: ${problem}`);
  await withStore({ ...context, home: path }, () => {});
  storeChoice(path, currentEnvironment());
  const first = source === 'environment' ? ' TESSERA_HOME, while it is set, comes before it.' : '';
  const text = `${path} is the data folder from the next start on. ${notes.join(' ')}${first}`;
  return [{ home: path, source: 'chosen' }, text];
}
