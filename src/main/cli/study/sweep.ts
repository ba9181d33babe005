import { Option } from 'commander';
import type { SearchSpace, SweepQuestion } from '../../../core/store/home/study-spec.ts';
import { rangeOf } from '../../../core/studies/search/space.ts';
import type { CliCommand } from '../command.ts';
import { listOf, positiveNumber, variedSetting, wholeNumber } from '../options.ts';
import { type StudyOptions, sharedRequest, studyOptions } from './options.ts';
import { beginStudy } from './run.ts';

interface SweepOptions extends StudyOptions {
  model: string;
  preset?: string;
  vary?: SearchSpace;
  search?: SweepQuestion['search'];
  trials?: number;
  draw: number;
  asha?: number;
  eta: number;
  unimproved?: number;
  hours?: number;
  finalists?: number;
  finalistSeeds: number[];
}

const SEARCHES = ['grid', 'random', 'tpe'] as const;

/** `sweep run`: which settings of a model are best. */
export function addSweep(sweep: CliCommand): void {
  const run = sweep
    .command('run')
    .description(
      'Creates the runs of all trials, queues them and trains them. With TPE, early stops, a rule to end or finalists, trials are made one ' +
        'after the other, as there is room for them.',
    )
    .requiredOption('--model <id>', 'model whose settings are varied')
    .option('--preset <name>', "one of the model's presets")
    .option(
      '--vary <key=values>',
      'setting to vary, with values a,b,c, or a range a..b (log:a..b: every power of ten as likely as the next), and " if other=c,d" ' +
        'behind it where it is part of trials with these values of another one alone; repeatable ' +
        '(default: those that a fair baseline is tuned over, of models that have some)',
      variedSetting,
    )
    .addOption(
      new Option(
        '--search <way>',
        'grid: every combination of the values; random: drawn; tpe: proposed from the trials before (default: random where there ' +
          'are trials or a range, else grid)',
      ).choices(SEARCHES),
    )
    .option('--trials <number>', 'trials to draw or propose (default: 20)', wholeNumber(1))
    .option('--draw <number>', 'seed that the trials are drawn by', wholeNumber(0), 1)
    .option(
      '--asha <epochs>',
      'stop trials early: all train so many epochs at least, and of those that did one in --eta continues, --eta times as long',
      wholeNumber(1),
    )
    .option('--eta <number>', 'with --asha: one in so many continues', wholeNumber(2), 3)
    .option(
      '--unimproved <trials>',
      'begin no more trials once so many in a row were no better',
      wholeNumber(1),
    )
    .option(
      '--hours <number>',
      'begin no more trials once they have trained for so many hours',
      positiveNumber,
    )
    .option('--finalists <number>', 'train so many of the best from several seeds in the end', wholeNumber(1))
    .option('--finalist-seeds <list>', 'seeds of the finalists', listOf(wholeNumber(0)), [1, 2, 3]);
  studyOptions(run, 'sweep')
    .examples(
      'tessera sweep run --dataset films --model sasrec --vary learningRate=0.0003,0.001,0.003 --vary dropout=0.2,0.5',
      'tessera sweep run --dataset films --model sasrec --vary learningRate=log:1e-4..1e-2 --vary dropout=0.1..0.6 --trials 30',
      'tessera sweep run --dataset films --model ease --vary l2=log:1..1000 --dry-run',
      'tessera sweep run --dataset films --model itemknn',
      'tessera sweep run --dataset films --model sasrec --vary learningRate=log:1e-4..1e-2 --search tpe --trials 40 --asha 3 --set epochs=81',
      'tessera sweep run --dataset films --model sasrec --vary dim=32,64,128 --search tpe --unimproved 15 --finalists 3 --finalist-seeds 1,2,3',
      'tessera sweep pause sasrec-films-sweep',
      'tessera sweep resume sasrec-films-sweep',
      'tessera sweep extend sasrec-films-sweep --trials 24',
    )
    .run((context, options: SweepOptions) => beginStudy(context, requestOf(options), options));
}

function requestOf({ model, preset, vary = [], trials, draw, ...options }: SweepOptions) {
  const { asha: min, eta, unimproved, hours, finalists, finalistSeeds: seeds } = options;
  const drawn = trials !== undefined || vary.some(({ values }) => rangeOf(values));
  const search = options.search ?? (drawn ? ('random' as const) : ('grid' as const));
  return {
    ...{ kind: 'sweep' as const, model, preset, search, vary, trials: trials ?? 20, draw },
    asha: min === undefined ? undefined : { min, eta },
    stop: unimproved === undefined && hours === undefined ? undefined : { unimproved, hours },
    finalists: finalists === undefined ? undefined : { trials: finalists, seeds },
    ...sharedRequest(options),
  };
}
