import type { CliCommand } from '../command.ts';
import { type ComputeOptions, threadsOption } from '../device-option.ts';
import { wholeNumber } from '../options.ts';

export interface ReproduceOptions extends ComputeOptions {
  data?: string[];
  only?: string[];
  check?: boolean;
  anyway?: boolean;
  evaluate?: boolean;
  seed?: number;
}

/** `reproduce WHAT`: a run, the runs of a report or those of a bundle, trained again and compared. */
export function addCommand(parent: CliCommand): void {
  parent
    .command('reproduce <what>')
    .summary('train a run, a report or a bundle again, and compare the numbers')
    .description(
      'Says line by line whether data, settings, version, device, processor and threads are those of then; trains the runs again, as new runs; and says whether ' +
        'every metric and every rank came out the same. The exit code is 1 where they did not, or cannot.',
    )
    .option(
      '--data <path...>',
      'files or folders of the data, which are known by their hashes; imported with the options of then',
    )
    .option(
      '--only <run...>',
      'of a report or a bundle only these runs, by name or id, with what they rest on',
    )
    .option(
      '--evaluate',
      'train nothing: measure the stored checkpoint of each run of this data folder again, and compare metrics and ranks',
    )
    .option('--check', 'only say what to expect; train nothing')
    .option('--anyway', 'train also where the numbers cannot agree, as with other data')
    .option('--seed <number>', 'another seed than that of then', wholeNumber(0))
    .option('--device <id>', 'where to compute (default: the device of then)')
    .addOption(threadsOption())
    .examples(
      'tessera reproduce sasrec-films-seed1 --check',
      'tessera reproduce sasrec-films-seed1 --evaluate',
      'tessera reproduce report.html --data ratings.csv',
      'tessera reproduce paper.zip --data downloads/ml-latest-small',
      'tessera reproduce paper.zip --only sasrec-films-seed1 --threads 1 --device cpu',
    )
    .run(async (context, what: string, options: ReproduceOptions) => {
      const { reproduce } = await import('../reproduce.ts');
      await reproduce(context, what, options);
    });
}
