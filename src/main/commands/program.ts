import { Command, CommanderError } from 'commander';
import { addCompareCommand } from './compare.ts';
import { addDatasetCommands } from './datasets.ts';
import { addDevicesCommand } from './devices.ts';
import { reportError } from './errors.ts';
import { addGoldenCommand } from './golden.ts';
import { examples } from './help.ts';
import { addModelsCommand } from './models.ts';
import { addRecommendCommand } from './recommend.ts';
import { addRunCommands } from './runs.ts';
import { addTrainCommand } from './train.ts';

const WRONG_USAGE = 2;

function createProgram(): Command {
  const program = new Command('tessera')
    .description('A laboratory for large recommendation models: import data, train, compare.')
    .option(
      '--home <folder>',
      'where everything is kept (default: TESSERA_HOME, else the application data folder)',
    )
    .option('--json', 'print one JSON value; train prints one a line')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({
      // Errors are one line; commander puts its suggestion on a second.
      outputError: (text, write) =>
        write(
          `${text
            .replace(/^error: /, 'tessera: ')
            .trim()
            .replace(/\s*\n\s*/g, ' ')}\n`,
        ),
    })
    .exitOverride()
    .addHelpText(
      'after',
      examples(
        'tessera datasets import ratings.csv --name films',
        'tessera train --dataset films --model sasrec',
        'tessera compare popularity-films-seed1 sasrec-films-seed1 --format html --out report.html',
      ),
    );
  addDatasetCommands(program);
  addModelsCommand(program);
  addDevicesCommand(program);
  addTrainCommand(program);
  addRunCommands(program);
  addCompareCommand(program);
  addRecommendCommand(program);
  addGoldenCommand(program);
  return program;
}

/** A reader such as `head` may close the pipe before everything is written; the work goes on without it. */
function surviveClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}

/** Runs one command. Returns the exit code: 0, 1 after an error, 2 after wrong usage, 128 + n after signal n. */
export async function runCommandLine(args: string[]): Promise<number> {
  surviveClosedPipes();
  process.exitCode = 0;
  try {
    await createProgram().parseAsync(args, { from: 'user' });
    return Number(process.exitCode);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USAGE;
    reportError(error);
    return 1;
  }
}
