import { rangeOf } from '../../../core/studies/search/space.ts';
import type { CliCommand } from '../command.ts';
import { variedSetting, wholeNumber } from '../options.ts';
import { type StudyOptions, sharedRequest, studyOptions } from './options.ts';
import { beginStudy } from './run.ts';

interface SweepOptions extends StudyOptions {
  model: string;
  preset?: string;
  vary?: { key: string; values: string }[];
  trials?: number;
  draw: number;
}

/** `sweep run`: which settings of a model are best. */
export function addSweep(sweep: CliCommand): void {
  const run = sweep
    .command('run')
    .description('Creates the runs of all trials, queues them and trains them.')
    .requiredOption('--model <id>', 'model whose settings are varied')
    .option('--preset <name>', "one of the model's presets")
    .option(
      '--vary <key=values>',
      'setting to vary, with values a,b,c, or a range a..b (log:a..b: every power of ten as likely as the next); repeatable ' +
        '(default: those that a fair baseline is tuned over, of models that have some)',
      variedSetting,
    )
    .option(
      '--trials <number>',
      'trials to draw at random (default: every combination of the values; 20 where there is a range)',
      wholeNumber(1),
    )
    .option('--draw <number>', 'seed that the trials are drawn by', wholeNumber(0), 1);
  studyOptions(run, 'sweep')
    .examples(
      'tessera sweep run --dataset films --model sasrec --vary learningRate=0.0003,0.001,0.003 --vary dropout=0.2,0.5',
      'tessera sweep run --dataset films --model sasrec --vary learningRate=log:1e-4..1e-2 --vary dropout=0.1..0.6 --trials 30',
      'tessera sweep run --dataset films --model ease --vary l2=log:1..1000 --dry-run',
      'tessera sweep run --dataset films --model itemknn',
      'tessera sweep resume sasrec-films-sweep',
    )
    .run((context, options: SweepOptions) => beginStudy(context, requestOf(options), options));
}

function requestOf({ model, preset, vary = [], trials, draw, ...options }: SweepOptions) {
  const drawn = trials !== undefined || vary.some(({ values }) => rangeOf(values));
  const search = drawn ? ('random' as const) : ('grid' as const);
  return {
    ...{ kind: 'sweep' as const, model, preset, search, vary, trials: trials ?? 20, draw },
    ...sharedRequest(options),
  };
}
