import { metricLabel } from '../../../core/evaluation/metrics-table.ts';
import { countText } from '../../../core/names.ts';
import { rangeOf } from '../../../core/scaling/sweep.ts';
import { settingText } from '../../../core/setting-value.ts';
import type { SweepRecord } from '../../../core/store/home/studies.ts';
import type { Store } from '../../../core/store/store.ts';
import { program } from '../../data-folder/command-line.ts';
import type { CliCommand } from '../command.ts';
import { answer, type CommandContext, print, printJson, withStore } from '../context.ts';
import { variedSetting, wholeNumber } from '../options.ts';
import { putDocument, type ReportOptions, reportOptions } from '../report-output.ts';
import { type CommonOptions, commonOptions, commonRequest, removal, workOff } from '../study/begin.ts';
import { textTable } from '../terminal/text-table.ts';
import { utc } from '../text/run-text.ts';

interface RunOptions extends CommonOptions {
  model: string;
  preset?: string;
  vary: { key: string; values: string }[];
  trials?: number;
  draw: number;
}

/** `sweep run | resume | show | list | delete`: settings varied, and ranked by validation items. */
export function addCommand(parent: CliCommand): void {
  const sweep = parent
    .command('sweep')
    .summary('which settings of a model are best on a data set')
    .description(
      'Sweeps: trials of one model on one data set with several settings varied, ranked by the metric of the validation ' +
        'items. Test results have no part in the choice. A SWEEP is a name, an id, or the beginning of one.',
    )
    .helpCommand(false);
  addRun(sweep);
  const named = (
    name: string,
    description: string,
    action: (context: CommandContext, reference: string) => Promise<void>,
  ) =>
    sweep
      .command(`${name} <sweep>`)
      .description(description)
      .examples(`tessera sweep ${name} sasrec-films-sweep`)
      .run(action);
  named('resume', 'Resumes unfinished runs and creates missing ones.', (context, reference) =>
    withStore(context, (store) => follow(store, store.studies.find(reference, 'sweep'), context)),
  );
  const shown = sweep
    .command('show <sweep>')
    .description(
      'Shows every trial, the best first, and the test result of the best alone; or writes a report.',
    );
  reportOptions(shown)
    .examples(
      'tessera sweep show sasrec-films-sweep',
      'tessera sweep show sasrec-films-sweep --format md',
      'tessera sweep show sasrec-films-sweep --out trials.csv',
    )
    .run(show);
  named('delete', 'Deletes the sweep; its runs stay.', removal('sweep'));
  sweep
    .command('list')
    .description('Lists the sweeps, newest first.')
    .examples('tessera sweep list', 'tessera sweep list --json')
    .run(list);
}

function addRun(sweep: CliCommand): void {
  const run = sweep
    .command('run')
    .description('Creates the runs of all trials, queues them and trains them.')
    .requiredOption('--model <id>', 'model whose settings are varied')
    .option('--preset <name>', "one of the model's presets")
    .requiredOption(
      '--vary <key=values>',
      'setting to vary, with values a,b,c, or a range a..b (log:a..b: every power of ten as likely as the next); repeatable',
      variedSetting,
    )
    .option(
      '--trials <number>',
      'trials to draw at random (default: every combination of the values; 20 where there is a range)',
      wholeNumber(1),
    )
    .option('--draw <number>', 'seed that the trials are drawn by', wholeNumber(0), 1);
  commonOptions(run, 'sweep')
    .option('--dry-run', 'show the trials, and start nothing')
    .examples(
      'tessera sweep run --dataset films --model sasrec --vary learningRate=0.0003,0.001,0.003 --vary dropout=0.2,0.5',
      'tessera sweep run --dataset films --model sasrec --vary learningRate=log:1e-4..1e-2 --vary dropout=0.1..0.6 --trials 30',
      'tessera sweep run --dataset films --model ease --vary l2=log:1..1000 --dry-run',
      'tessera sweep resume sasrec-films-sweep',
    )
    .run(begin);
}

async function begin(context: CommandContext, options: RunOptions): Promise<void> {
  const [{ createStudy }, { planSweep }] = await Promise.all([
    import('../../analyst/studies.ts'),
    import('../../analyst/sweeps.ts'),
  ]);
  const { model, preset, vary, draw, trials = 20 } = options;
  const random = options.trials !== undefined || vary.some(({ values }) => rangeOf(values));
  const question = { search: random ? 'random' : 'grid', vary, trials, draw } as const;
  await withStore(context, async (store) => {
    const spec = await planSweep(store, { model, preset, ...question, ...commonRequest(options) });
    if (options.dryRun) {
      const { sizes, seeds, sweep } = spec;
      const settings = sizes.map(({ config }) => config);
      answer(context, { spec, trials: settings, metric: sweep.metric }, () =>
        planText(settings, seeds, sweep.metric),
      );
      return;
    }
    const name = options.name?.trim() || `${model}-${spec.dataset.name}-sweep`;
    const { id } = createStudy(store, name, spec);
    await follow(store, store.studies.find(id, 'sweep'), context);
  });
}

function planText(
  trials: readonly Record<string, unknown>[],
  seeds: readonly number[],
  metric: string,
): string {
  const keys = Object.keys(trials[0]);
  const rows = trials.map((settings, at) => [
    String(at + 1),
    ...keys.map((key) => settingText(settings[key])),
  ]);
  const runs = countText(trials.length * seeds.length, 'run');
  return [
    textTable(['Trial', ...keys], rows, ['Trial', ...keys]),
    '',
    `${countText(trials.length, 'trial')}, ${runs}, ranked by ${metricLabel(metric)}.`,
  ].join('\n');
}

/** Trains until the sweep is done, and ends with its report. */
const follow = (store: Store, sweep: SweepRecord, context: CommandContext) =>
  workOff(store, sweep, context, () => present(store, sweep, context));

async function present(
  store: Store,
  sweep: SweepRecord,
  context: CommandContext,
  options: ReportOptions = {},
): Promise<void> {
  const [{ resultOfSweep }, { sweepDocument }] = await Promise.all([
    import('../../analyst/sweeps.ts'),
    import('../../../core/documents/sweep.ts'),
  ]);
  const { name, spec } = sweep;
  const result = { name, spec, ...resultOfSweep(store, sweep) };
  await putDocument(sweepDocument(result), result, options, context);
}

const show = (context: CommandContext, reference: string, options: ReportOptions) =>
  withStore(context, (store) => present(store, store.studies.find(reference, 'sweep'), context, options));

const list = (context: CommandContext) =>
  withStore(context, async (store) => {
    const { sweepEntry } = await import('../../analyst/sweeps.ts');
    const { seedMeanText, settingsText } = await import('../../../core/documents/sweep.ts');
    const sweeps = store.studies.list('sweep').map((sweep) => sweepEntry(store, sweep));
    if (context.json) return printJson(sweeps);
    const rows = sweeps.map(({ name, model, dataset, done, trials, best, metric, createdAt }) => [
      name,
      model,
      dataset,
      `${done} of ${trials}`,
      best
        ? `${metricLabel(metric)} ${seedMeanText(best.value, metric)}: ${settingsText(best.settings)}`
        : '–',
      utc(createdAt),
    ]);
    if (rows.length > 0)
      print(
        textTable(
          ['Sweep', 'Model', 'Data set', 'Trials done', 'Best on validation items', 'Created (UTC)'],
          rows,
        ),
      );
    else
      print(`No sweeps yet. Begin one: ${program()} sweep run --dataset NAME --model ID --vary KEY=VALUES`);
  });
