import { CliCommand, optionDescription } from './command.ts';
import { print } from './context.ts';
import { runProgram, withOurErrors } from './exit.ts';

/** Every command, in the order in which --help lists them: each is a file that exports `addCommand`. */
const commands = () =>
  Promise.all([
    import('./commands/datasets.ts'),
    import('./commands/mcp.ts'),
    import('./commands/models.ts'),
    import('./commands/devices.ts'),
    import('./commands/train.ts'),
    import('./commands/evaluate.ts'),
    import('./commands/runs.ts'),
    import('./commands/projects.ts'),
    import('./commands/study.ts'),
    import('./commands/results.ts'),
    import('./commands/compare.ts'),
    import('./commands/published.ts'),
    import('./commands/recommend.ts'),
    import('./commands/export.ts'),
    import('./commands/semantic-ids.ts'),
    import('./commands/language.ts'),
    import('./commands/golden.ts'),
    import('./commands/host.ts'),
    import('./commands/sql.ts'),
    import('./commands/trash.ts'),
    import('./commands/data-folder.ts'),
    import('./commands/backup.ts'),
    import('./commands/serve.ts'),
  ]);

export async function createProgram(): Promise<CliCommand> {
  const program = withOurErrors(new CliCommand('tessera'))
    .description('A laboratory for large recommendation models: import data, train, compare.')
    .option(
      '--home <folder>',
      'data folder (default: TESSERA_HOME, else the folder chosen in Settings, else the one for application data)',
    )
    .option('--json', 'print one JSON value; train prints one per line')
    .option('--version', 'print the version')
    .option('--self-test', 'try the program on a temporary data folder, a line a step')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false, optionDescription })
    .examples(
      'tessera datasets import ratings.csv --name films',
      'tessera train --dataset films --model sasrec',
      'tessera compare popularity-films-seed1 sasrec-films-seed1 --format html --out report.html',
    );
  for (const { addCommand } of await commands()) addCommand(program);
  return program;
}

/** Runs one command. Returns the exit code: 0, 1 after an error, 2 after wrong usage, 128 + n after signal n. */
export async function runCommandLine(args: string[]): Promise<number> {
  if (args[0] === '--version') {
    const { codeVersion } = await import('../../core/code-version.ts');
    print(codeVersion());
    return 0;
  }
  if (args[0] === '--self-test') return (await import('./self-test.ts')).selfTest();
  return runProgram(await createProgram(), args);
}
