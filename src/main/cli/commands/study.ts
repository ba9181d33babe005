import { UserError } from '../../../core/errors.ts';
import { modelsOf } from '../../../core/scaling/study.ts';
import { DEPTH_WIDTH_SIZES, publishedSizes } from '../../../core/scaling/study-choices.ts';
import { program } from '../../data-folder/command-line.ts';
import type { CliCommand } from '../command.ts';
import { answer, type CommandContext, print, printJson, withStore } from '../context.ts';
import { commaList, decimalNumber, listOf } from '../options.ts';
import { type ReportOptions, reportOptions } from '../report-output.ts';
import { addBaseLarge } from '../study/base-large.ts';
import {
  beginStudy,
  type CommonOptions,
  commonRequest,
  presentStudy,
  removal,
  studyOptions,
  workOffStudy,
} from '../study/begin.ts';
import { sectionsText, textTable } from '../terminal/text-table.ts';
import { utc } from '../text/run-text.ts';

interface RunOptions extends CommonOptions {
  model: string;
  preset?: string;
  sizes: string[];
  shares: number[];
}

const DEFAULT_SIZES = '16x2,32x2,64x2,128x2,256x2';

/** `study run | resume | show | fit | list | delete`: scaling studies. */
export function addCommand(parent: CliCommand): void {
  const study = parent
    .command('study')
    .summary('how quality grows with the size of a model and of the data')
    .description(
      'Scaling studies: a grid of runs over model size and share of the users, everything else fixed, and the law ' +
        'L(N) = E + (N0 / N)^α through their losses; or several models as base and as Large. A STUDY is a name, an id, or the beginning of one.',
    )
    .helpCommand(false);
  addRun(study);
  addBaseLarge(study);
  const named = (
    name: string,
    description: string,
    action: (context: CommandContext, reference: string) => Promise<void>,
  ) =>
    study
      .command(`${name} <study>`)
      .description(description)
      .examples(`tessera study ${name} sasrec-ml-1m-scaling`)
      .run(action);
  named('resume', 'Resumes unfinished runs and creates missing ones.', resume);
  addShow(study);
  named('fit', 'Fits the laws and checks how well they predict the largest size from the others.', fit);
  named('delete', 'Deletes the study; its runs stay.', removal('study'));
  study.command('list').description('Lists the studies, newest first.').run(list);
}

function addShow(study: CliCommand): void {
  const command = study
    .command('show <study>')
    .description(
      'Shows every run with its counts and results, and the conclusions of the study; or writes them as a report.',
    );
  reportOptions(command)
    .examples(
      'tessera study show sasrec-ml-1m-scaling',
      'tessera study show sasrec-ml-1m-scaling --out report.html',
      'tessera study show base-large-ml-1m --format md',
    )
    .run(show);
}

function addRun(study: CliCommand): void {
  const run = study
    .command('run')
    .description('Creates the runs of a grid, queues them and trains them.')
    .option('--model <id>', 'model to scale: one trained by steps on interactions', 'sasrec')
    .option('--preset <name>', "one of the model's presets")
    .option(
      '--sizes <list>',
      'width x depth, optionally x heads x feed-forward width; "published" for the ladder of Zhang et al. (98K to 829M), "depth-width" for ' +
        'wide and shallow against narrow and deep',
      commaList,
      commaList(DEFAULT_SIZES),
    )
    .option(
      '--shares <list>',
      'shares of the users trained on',
      listOf(decimalNumber),
      [0.125, 0.25, 0.5, 1],
    );
  studyOptions(run)
    .examples(
      'tessera study run --dataset ml-1m --sizes 16x2,32x2,64x2,128x2,256x2 --shares 0.25,0.5,1 --set epochs=20',
      'tessera study run --dataset ml-1m --sizes published --dry-run',
      'tessera study run --dataset ml-1m --sizes depth-width --shares 1 --set loss=full-softmax',
      'tessera study resume sasrec-ml-1m-scaling',
      'tessera study fit sasrec-ml-1m-scaling --json',
    )
    .run((context, options: RunOptions) => beginStudy(context, requestOf(options), options));
}

/** The sizes that a name stands for, or the size itself. */
function readySizes(text: string, model: string): readonly string[] {
  if (text === 'published') return publishedSizes(model);
  return text === 'depth-width' ? DEPTH_WIDTH_SIZES : [text];
}

function requestOf({ model, preset, ...options }: RunOptions) {
  const sizes = options.sizes.flatMap((text) => readySizes(text, model));
  const shares = options.shares.toSorted((a, b) => a - b);
  const bad = shares.find((share) => !(share > 0 && share <= 1));
  if (bad !== undefined) throw new UserError(`a share of the users is more than 0 and at most 1, not ${bad}`);
  return { kind: 'law' as const, model, preset, sizes, shares, ...commonRequest(options) };
}

async function resume(context: CommandContext, reference: string): Promise<void> {
  await withStore(context, (store) => workOffStudy(store, store.studies.find(reference, 'study'), context));
}

const show = (context: CommandContext, reference: string, options: ReportOptions) =>
  withStore(context, (store) =>
    presentStudy(store, store.studies.find(reference, 'study'), context, options),
  );

const fit = (context: CommandContext, reference: string) =>
  withStore(context, async (store) => {
    const { lawSections } = await import('../../../core/documents/study/report.ts');
    const { studyResult } = await import('../../analyst/studies.ts');
    const result = await studyResult(store, store.studies.find(reference, 'study'));
    answer(context, result, () => sectionsText(lawSections(result.laws)));
  });

const list = (context: CommandContext) =>
  withStore(context, (store) => {
    const studies = store.studies.list('study');
    if (context.json) return printJson(studies);
    const rows = studies.map(({ name, spec, createdAt }) => [
      name,
      modelsOf(spec).join(', '),
      spec.dataset.name,
      `${spec.sizes.length} x ${spec.shares.length} x ${spec.seeds.length}`,
      utc(createdAt),
    ]);
    if (rows.length > 0)
      print(textTable(['Study', 'Model', 'Data set', 'Sizes x shares x seeds', 'Created (UTC)'], rows));
    else print(`No studies yet. Begin one: ${program()} study run --dataset NAME`);
  });
