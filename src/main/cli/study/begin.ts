/** What studies of all kinds and sweeps share on the command line: options, cost estimate, and working through the runs. */

import os from 'node:os';
import { gridSection } from '../../../core/documents/study/report.ts';
import { UserError } from '../../../core/errors.ts';
import { countText, shellQuote } from '../../../core/names.ts';
import { isSweep, type StudySpec } from '../../../core/scaling/study.ts';
import type { StudyKind, StudyRecord } from '../../../core/store/home/studies.ts';
import type { Store } from '../../../core/store/store.ts';
import type { StudyRequest } from '../../analyst/studies.ts';
import { program } from '../../data-folder/command-line.ts';
import type { CliCommand } from '../command.ts';
import { answer, type CommandContext, print, withStore } from '../context.ts';
import { deviceChoice } from '../device-option.ts';
import { listOf, setting, wholeNumber } from '../options.ts';
import { putDocument, type ReportOptions } from '../report-output.ts';
import { sectionsText } from '../terminal/text-table.ts';
import { costText, estimateText } from '../text/study-text.ts';
import { restoreText } from '../text/trash-text.ts';

export interface CommonOptions {
  dataset: string;
  set?: Record<string, unknown>;
  seeds: number[];
  device?: string;
  threads?: number;
  name?: string;
  dryRun?: boolean;
  measure?: boolean;
}

/** The options of every command that begins a study or a sweep. */
export function commonOptions(command: CliCommand, noun: string): CliCommand {
  return command
    .requiredOption('--dataset <name>', 'data set to train on: name or id')
    .option('--set <key=value>', 'change one key of the config of every run; repeatable', setting)
    .option('--seeds <list>', 'one run per seed', listOf(wholeNumber(0)), [1])
    .option('--device <id>', 'where to compute (default: auto)')
    .option('--threads <number>', 'CPU threads (default: all)', wholeNumber(1))
    .option('--name <name>', `name of the ${noun} (default: derived from model and data set)`);
}

/** The options of every command that begins a study. */
export function studyOptions(command: CliCommand): CliCommand {
  return commonOptions(command, 'study')
    .option('--dry-run', 'show the grid and what it costs, and start nothing')
    .option('--measure', 'with --dry-run: train every size for some seconds to see what it takes');
}

/** The part of a request that these options determine. */
export function commonRequest({ dataset, set = {}, seeds, device, threads }: CommonOptions) {
  return {
    dataset,
    seeds,
    overrides: set,
    device: deviceChoice(device),
    threads: threads ?? os.availableParallelism(),
  };
}

/** Creates a study and works through it, or shows what it would cost. */
export async function beginStudy(
  context: CommandContext,
  request: StudyRequest,
  options: CommonOptions,
): Promise<void> {
  if (options.measure && !options.dryRun) {
    throw new UserError('--measure belongs to --dry-run: it starts nothing but trials of some seconds');
  }
  const { createStudy, planStudy } = await import('../../analyst/studies.ts');
  await withStore(context, async (store) => {
    if (options.dryRun) return showCost(store, request, options.measure ?? false, context);
    const { spec } = planStudy(store, request);
    const study = createStudy(store, options.name?.trim() || defaultName(spec), spec);
    await workOffStudy(store, study, context);
  });
}

function defaultName({ kind, model, dataset }: StudySpec): string {
  return kind === 'base-large' ? `base-large-${dataset.name}` : `${model}-${dataset.name}-scaling`;
}

async function showCost(
  store: Store,
  request: StudyRequest,
  measure: boolean,
  context: CommandContext,
): Promise<void> {
  const { countedStudy, studyCost } = await import('../../analyst/studies.ts');
  const counted = await countedStudy(store, request);
  const { spec, points } = counted;
  if (!measure) {
    const gflops = await deviceSpeed(spec);
    answer(context, { spec, points, gflops }, () =>
      [sectionsText([gridSection(points)]), '', costText(studyCost(points), gflops)].join('\n'),
    );
    return;
  }
  const [{ TrialService }, { ForkHost }, { measureStudy }] = await Promise.all([
    import('../../hub/trials.ts'),
    import('../../workers/host.ts'),
    import('../../hub/study-trials.ts'),
  ]);
  const estimate = await measureStudy(new TrialService(store, new ForkHost()), counted, {
    onProgress: ({ done, total, label }) => {
      if (!context.json) print(`Trying ${label} (${done + 1} of ${total})`);
    },
  });
  answer(context, { spec, points, estimate }, () =>
    [sectionsText([gridSection(points)]), '', estimateText(estimate)].join('\n'),
  );
}

/** GFLOP/s of a matrix product on the study's device. */
async function deviceSpeed({ device, threads }: StudySpec): Promise<number> {
  const [{ openDevice }, { productSpeed }] = await Promise.all([
    import('../../../core/engine/index.ts'),
    import('../../../core/engine/devices/speed.ts'),
  ]);
  const { context } = await openDevice(device, { threads });
  try {
    return await productSpeed(context, 512);
  } finally {
    await context.dispose();
  }
}

/** Trains until the study is done, and shows its report; until then its runs alone. */
export function workOffStudy(store: Store, study: StudyRecord, context: CommandContext): Promise<void> {
  return workOff(store, study, context, async (waiting) => {
    if (waiting === 0) return presentStudy(store, study, context);
    const { studyResult } = await import('../../analyst/studies.ts');
    const result = await studyResult(store, study);
    answer(context, result, () => sectionsText([gridSection(result.points)]));
  });
}

/** Queues missing runs, trains until the study or sweep is done, and shows the result; `waiting` runs are not complete. */
export async function workOff(
  store: Store,
  study: StudyRecord,
  context: CommandContext,
  present: (waiting: number) => void | Promise<void>,
): Promise<void> {
  const { workOffQueue } = await import('./work-off.ts');
  const { exitCode, waiting } = await workOffQueue(store, study, (line) => {
    if (!context.json) print(line);
  });
  await present(waiting);
  if (waiting === 0) return;
  process.exitCode = exitCode ?? 1;
  const noun = isSweep(study.spec) ? 'sweep' : 'study';
  throw new UserError(
    `${countText(waiting, 'run')} of the ${noun} not complete; resume them with: ${program()} ${noun} resume ${shellQuote(study.name)}`,
  );
}

/** Deletes a study or a sweep that a command names. */
export const removal = (kind: StudyKind) => (context: CommandContext, reference: string) =>
  withStore(context, (store) => {
    const { id, name } = store.studies.find(reference, kind);
    store.trash.put(kind, [id]);
    answer(
      context,
      { deleted: id, name },
      () => `Deleted the ${kind} ${name}; its runs stay. ${restoreText(id)}`,
    );
  });

/** Shows the report of a study, with --json its result. */
export async function presentStudy(
  store: Store,
  study: StudyRecord,
  context: CommandContext,
  options: ReportOptions = {},
): Promise<void> {
  const [{ studyResult }, { documentOfStudy }] = await Promise.all([
    import('../../analyst/studies.ts'),
    import('../../analyst/study-report.ts'),
  ]);
  const result = await studyResult(store, study);
  await putDocument(documentOfStudy(store, result), result, options, context);
}
