import { Option } from 'commander';
import { CliCommand, optionDescription } from './command.ts';
import { print } from './context.ts';
import { runProgram, withOurErrors } from './exit.ts';
import { keepWithin } from './only-read.ts';

/** The file of every command, which exports `addCommand`, in the order in which --help lists them. */
const COMMANDS = {
  datasets: () => import('./commands/datasets.ts'),
  mcp: () => import('./commands/mcp.ts'),
  models: () => import('./commands/models.ts'),
  devices: () => import('./commands/devices.ts'),
  train: () => import('./commands/train.ts'),
  evaluate: () => import('./commands/evaluate.ts'),
  runs: () => import('./commands/runs.ts'),
  queue: () => import('./commands/queue.ts'),
  projects: () => import('./commands/projects.ts'),
  study: () => import('./commands/study.ts'),
  sweep: () => import('./commands/study.ts'),
  results: () => import('./commands/results.ts'),
  compare: () => import('./commands/compare.ts'),
  plan: () => import('./commands/plan.ts'),
  reproduce: () => import('./commands/reproduce.ts'),
  bundle: () => import('./commands/bundle.ts'),
  published: () => import('./commands/published.ts'),
  recommend: () => import('./commands/recommend.ts'),
  export: () => import('./commands/export.ts'),
  'semantic-ids': () => import('./commands/semantic-ids.ts'),
  language: () => import('./commands/language.ts'),
  golden: () => import('./commands/golden.ts'),
  host: () => import('./commands/host.ts'),
  sql: () => import('./commands/sql.ts'),
  plugins: () => import('./commands/plugins.ts'),
  trash: () => import('./commands/trash.ts'),
  checkpoints: () => import('./commands/checkpoints.ts'),
  diagnostics: () => import('./commands/diagnostics.ts'),
  'data-folder': () => import('./commands/data-folder.ts'),
  backup: () => import('./commands/backup.ts'),
  serve: () => import('./commands/serve.ts'),
};

/** The files of the command that the arguments begin with, or of all commands: reading those takes longer than most work. */
async function filesFor(args: readonly string[]) {
  const first = args.findIndex(
    (word, at) => !word.startsWith('-') && !['--home', '--only-read'].includes(args[at - 1]),
  );
  const asksForHelp = args.slice(0, Math.max(first, 0)).some((word) => word === '--help' || word === '-h');
  const one = Object.entries(COMMANDS).filter(([name]) => !asksForHelp && name === args[first]);
  const wanted = one.length > 0 ? one : Object.entries(COMMANDS);
  return new Set(await Promise.all(wanted.map(([, read]) => read())));
}

/** The program for these arguments: its other commands may be missing, where they begin with one. */
export async function createProgram(args: readonly string[] = []): Promise<CliCommand> {
  const program = withOurErrors(new CliCommand('tessera'))
    .description('A laboratory for large recommendation models: import data, train, compare.')
    .option(
      '--home <folder>',
      'data folder (default: TESSERA_HOME, else the folder chosen in Settings, else the one for application data)',
    )
    .addOption(
      new Option(
        '--only-read <folder>',
        'read files from this folder alone, whatever names them; repeatable',
      ).argParser((folder: string, others: string[] = []) => [...others, folder]),
    )
    .option('--json', 'print one JSON value; train prints one per line')
    .option('--version', 'print the version')
    .option('--self-test', 'try the program on a temporary data folder, one line per step')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false, optionDescription })
    .examples(
      'tessera datasets import ratings.csv --name films',
      'tessera train --dataset films --model sasrec',
      'tessera compare popularity-films-seed1 sasrec-films-seed1 --format html --out report.html',
    );
  for (const { addCommand } of await filesFor(args)) addCommand(program);
  program.hook('preAction', (_, command) => keepWithin(command));
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
  return runProgram(await createProgram(args), args);
}
