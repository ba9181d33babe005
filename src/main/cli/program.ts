import { Command } from 'commander';
import { addCompareCommand } from './commands/compare.ts';
import { addDatasetCommands } from './commands/datasets.ts';
import { addDevicesCommand } from './commands/devices.ts';
import { addEvaluateCommand } from './commands/evaluate.ts';
import { addGoldenCommand } from './commands/golden.ts';
import { addLanguageCommands } from './commands/language.ts';
import { addModelsCommand } from './commands/models.ts';
import { addPublishedCommand } from './commands/published.ts';
import { addRecommendCommand } from './commands/recommend.ts';
import { addRunCommands } from './commands/runs.ts';
import { addSemanticIdsCommands } from './commands/semantic-ids.ts';
import { addServeCommand } from './commands/serve.ts';
import { addStudyCommands } from './commands/study.ts';
import { addTrainCommand } from './commands/train.ts';
import { print } from './context.ts';
import { runProgram, withOurErrors } from './exit.ts';
import { examples, optionDescription } from './help.ts';

function createProgram(): Command {
  const program = withOurErrors(new Command('tessera'))
    .description('A laboratory for large recommendation models: import data, train, compare.')
    .option(
      '--home <folder>',
      'where everything is kept (default: TESSERA_HOME, else the folder chosen in Settings, else the one for application data)',
    )
    .option('--json', 'print one JSON value; train prints one a line')
    .option('--version', 'print the version')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false, optionDescription })
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
  addEvaluateCommand(program);
  addRunCommands(program);
  addStudyCommands(program);
  addCompareCommand(program);
  addPublishedCommand(program);
  addRecommendCommand(program);
  addSemanticIdsCommands(program);
  addLanguageCommands(program);
  addGoldenCommand(program);
  addServeCommand(program);
  return program;
}

/** Runs one command. Returns the exit code: 0, 1 after an error, 2 after wrong usage, 128 + n after signal n. */
export async function runCommandLine(args: string[]): Promise<number> {
  if (args[0] === '--version') {
    const { codeVersion } = await import('../../core/code-version.ts');
    print(codeVersion());
    return 0;
  }
  return runProgram(createProgram(), args);
}
