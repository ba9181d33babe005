import { UserError } from '../../../core/errors.ts';
import {
  BASE_LARGE_BLOCKS,
  BASE_LARGE_MODELS,
  BASE_LARGE_SETTINGS,
} from '../../../core/studies/study-choices.ts';
import type { CliCommand } from '../command.ts';
import { commaList, listOf, wholeNumber } from '../options.ts';
import { type StudyOptions, sharedRequest, studyOptions } from './options.ts';
import { beginStudy } from './run.ts';

interface BaseLargeOptions extends StudyOptions {
  models: string[];
  settings: string;
  blocks: number[];
}

/** `study base-large`: whether SASRec, LLaMa, HSTU and FuXi-α improve as they grow. */
export function addBaseLarge(study: CliCommand): void {
  const command = study
    .command('base-large')
    .summary('base against Large of several models, beside published results')
    .description(
      'Trains each model as base and as Large (2 blocks against 8) on one data set, with the settings of the FuXi-α ' +
        'table, tests the two per user, and shows the change beside the published one.',
    )
    .option('--models <list>', 'models, each as base and Large', commaList, [...BASE_LARGE_MODELS])
    .option(
      '--settings <name>',
      `published settings: ${BASE_LARGE_SETTINGS.join(', ')}`,
      BASE_LARGE_SETTINGS[0],
    )
    .option('--blocks <base,large>', 'blocks of base and Large', listOf(wholeNumber(1)), [
      ...BASE_LARGE_BLOCKS,
    ]);
  studyOptions(command, 'study')
    .examples(
      'tessera study base-large --dataset ml-1m --dry-run --measure',
      'tessera study base-large --dataset ml-1m --set maxLength=50 --set epochs=20',
      'tessera study base-large --dataset ml-1m --models sasrec,hstu --seeds 1,2,3 --name twice-as-deep --blocks 2,4',
    )
    .run((context, options: BaseLargeOptions) => beginStudy(context, requestOf(options), options));
}

function requestOf({ models, settings, blocks, ...options }: BaseLargeOptions) {
  const [base, large, ...more] = blocks;
  if (large === undefined || more.length > 0) {
    throw new UserError('--blocks takes two numbers, of base and of Large, such as 2,8');
  }
  const pair: [number, number] = [base, large];
  return { kind: 'base-large' as const, models, settings, blocks: pair, ...sharedRequest(options) };
}
