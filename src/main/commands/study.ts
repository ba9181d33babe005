import os from 'node:os';
import type { Command } from 'commander';
import { UserError } from '../../core/errors.ts';
import { PUBLISHED_SIZES, type StudySpec } from '../../core/scaling/study.ts';
import type { Store } from '../../core/store/store.ts';
import type { StudyRecord } from '../../core/store/studies.ts';
import type { StudyResult } from '../services/studies.ts';
import { costText, lawsText, pointsText } from '../terminal/study-text.ts';
import { textTable } from '../terminal/text-table.ts';
import { examples } from './help.ts';
import { commaList, decimalNumber, listOf, setting, wholeNumber } from './options.ts';
import { utc } from './run-text.ts';
import { answer, print, printJson, program, quoted, type Shell, shellOf, withStore } from './shell.ts';
import { deviceChoice } from './train.ts';

interface RunOptions {
  dataset: string;
  model: string;
  preset?: string;
  set?: Record<string, unknown>;
  sizes: string[];
  shares: number[];
  seeds: number[];
  device?: string;
  threads?: number;
  name?: string;
  dryRun?: boolean;
}

const DEFAULT_SIZES = '16x2,32x2,64x2,128x2,256x2';

/** `study run | resume | show | fit | list | delete`: scaling studies. */
export function addStudyCommands(parent: Command): void {
  const study = parent
    .command('study')
    .summary('how quality grows with the size of a model and of the data')
    .description(
      'Scaling studies: a grid of runs over model size and share of the users, everything else fixed, and the law ' +
        'L(N) = E + (N0 / N)^α through their losses. A STUDY is a name, an id, or the beginning of one.',
    )
    .helpCommand(false);
  addRun(study);
  const named = (
    name: string,
    description: string,
    action: (reference: string, shell: Shell) => Promise<void>,
  ) =>
    study
      .command(`${name} <study>`)
      .description(description)
      .addHelpText('after', examples(`tessera study ${name} sasrec-ml-1m-scaling`))
      .action((reference: string, _options: object, command: Command) => action(reference, shellOf(command)));
  named('resume', 'Goes on with the runs that have not completed, and makes those that are missing.', resume);
  named('show', 'Shows every cell of the grid with its counts and results.', show);
  named('fit', 'Fits the laws, and lets them foretell the largest size from the others.', fit);
  named('delete', 'Deletes the study; its runs stay.', remove);
  study
    .command('list')
    .description('Lists the studies, newest first.')
    .action((_options: object, command: Command) => list(shellOf(command)));
}

function addRun(study: Command): void {
  study
    .command('run')
    .description('Makes the runs of a grid, puts them into the queue and works it off.')
    .requiredOption('--dataset <name>', 'data set to train on: name or id')
    .option('--model <id>', 'model to scale: one trained by steps on interactions', 'sasrec')
    .option('--preset <name>', "one of the model's presets")
    .option('--set <key=value>', 'change one key of the config of every run; repeatable', setting)
    .option(
      '--sizes <list>',
      'width x depth, or with heads; "published" for the ladder of Zhang et al. (98K to 829M)',
      commaList,
      commaList(DEFAULT_SIZES),
    )
    .option('--shares <list>', 'shares of the users trained on', listOf(decimalNumber), [0.125, 0.25, 0.5, 1])
    .option('--seeds <list>', 'one run a seed', listOf(wholeNumber(0)), [1])
    .option('--device <id>', 'where to compute (default: auto)')
    .option('--threads <number>', 'threads of the CPU (default: as many as there are)', wholeNumber(1))
    .option('--name <name>', 'name of the study (default: made of model and data set)')
    .option('--dry-run', 'show the grid and what it costs, and start nothing')
    .addHelpText(
      'after',
      examples(
        'tessera study run --dataset ml-1m --sizes 16x2,32x2,64x2,128x2,256x2 --shares 0.25,0.5,1 --set epochs=20',
        'tessera study run --dataset ml-1m --sizes published --dry-run',
        'tessera study resume sasrec-ml-1m-scaling',
        'tessera study fit sasrec-ml-1m-scaling --json',
      ),
    )
    .action((options: RunOptions, command: Command) => run(options, shellOf(command)));
}

function requestOf(options: RunOptions) {
  const { dataset, model, preset, set = {} } = options;
  const sizes = options.sizes.flatMap((text) => (text === 'published' ? [...PUBLISHED_SIZES] : [text]));
  const threads = options.threads ?? os.availableParallelism();
  const shares = options.shares.toSorted((a, b) => a - b);
  const { seeds } = options;
  const device = deviceChoice(options.device);
  const bad = shares.find((share) => !(share > 0 && share <= 1));
  if (bad !== undefined) throw new UserError(`a share of the users is more than 0 and at most 1, not ${bad}`);
  return { dataset, model, preset, overrides: set, sizes, shares, seeds, device, threads };
}

async function run(options: RunOptions, shell: Shell): Promise<void> {
  const { planStudy, studyCost, studyPoints } = await import('../services/studies.ts');
  await withStore(shell, async (store) => {
    const { spec } = planStudy(store, requestOf(options));
    const planned = await studyPoints(store, spec, []);
    if (options.dryRun) {
      const gflops = await deviceSpeed(spec);
      answer(shell, { spec, points: planned, gflops }, () =>
        [pointsText(planned), '', costText(studyCost(planned), gflops)].join('\n'),
      );
      return;
    }
    const study = store.studies.create(
      options.name?.trim() || `${spec.model}-${spec.dataset.name}-scaling`,
      spec,
    );
    await workOff(store, study, shell);
  });
}

/** Of a matrix product on the device that the study asks for. */
async function deviceSpeed({ device, threads }: StudySpec): Promise<number> {
  const [{ openDevice }, { productSpeed }] = await Promise.all([
    import('../../core/engine/index.ts'),
    import('../../core/engine/devices/speed.ts'),
  ]);
  const { context } = await openDevice(device, { threads });
  try {
    return await productSpeed(context, 512);
  } finally {
    await context.dispose();
  }
}

async function resume(reference: string, shell: Shell): Promise<void> {
  await withStore(shell, (store) => workOff(store, store.studies.find(reference), shell));
}

/** Queues what is missing, trains until the study is done, and shows it. */
async function workOff(store: Store, study: StudyRecord, shell: Shell): Promise<void> {
  const { workOffStudy } = await import('./study-queue.ts');
  const { exitCode, waiting } = await workOffStudy(store, study, (line) => {
    if (!shell.json) print(line);
  });
  await present(store, study, shell, ({ points, laws }) =>
    waiting === 0 ? [pointsText(points), '', lawsText(laws)].join('\n') : pointsText(points),
  );
  if (waiting === 0) return;
  process.exitCode = exitCode ?? 1;
  throw new UserError(
    `${waiting} runs of the study are not complete; go on with: ${program()} study resume ${quoted(study.name)}`,
  );
}

async function present(
  store: Store,
  study: StudyRecord,
  shell: Shell,
  text: (result: StudyResult) => string,
): Promise<void> {
  const { studyResult } = await import('../services/studies.ts');
  const result = await studyResult(store, study);
  answer(shell, result, () => text(result));
}

const show = (reference: string, shell: Shell) =>
  withStore(shell, (store) =>
    present(store, store.studies.find(reference), shell, ({ points }) => pointsText(points)),
  );

const fit = (reference: string, shell: Shell) =>
  withStore(shell, (store) =>
    present(store, store.studies.find(reference), shell, ({ laws }) => lawsText(laws)),
  );

const remove = (reference: string, shell: Shell) =>
  withStore(shell, (store) => {
    const { id, name } = store.studies.find(reference);
    store.studies.delete(id);
    answer(shell, { deleted: id, name }, () => `Deleted the study ${name}; its runs stay.`);
  });

const list = (shell: Shell) =>
  withStore(shell, (store) => {
    const studies = store.studies.list();
    if (shell.json) return printJson(studies);
    const rows = studies.map(({ name, spec, createdAt }) => [
      name,
      spec.model,
      spec.dataset.name,
      `${spec.sizes.length} x ${spec.shares.length} x ${spec.seeds.length}`,
      utc(createdAt),
    ]);
    if (rows.length > 0)
      print(textTable(['Study', 'Model', 'Data set', 'Sizes x shares x seeds', 'Created (UTC)'], rows));
    else print(`No studies yet. Begin one: ${program()} study run --dataset NAME`);
  });
