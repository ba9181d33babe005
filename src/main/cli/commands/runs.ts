import {
  duration,
  energyText,
  fixed,
  grouped,
  memoryText,
  milliseconds,
} from '../../../core/documents/format.ts';
import { metricLabel } from '../../../core/evaluation/metrics-table.ts';
import type { Project } from '../../../core/store/home/projects.ts';
import type { ListedRun } from '../../../core/store/runs/listed-rows.ts';
import { runDetails } from '../../../core/store/runs/run-details.ts';
import { isOwn } from '../../../core/store/runs/run-kinds.ts';
import { UNFINISHED } from '../../../core/store/runs/run-life.ts';
import type { Store } from '../../../core/store/store.ts';
import { program } from '../../data-folder/command-line.ts';
import { addRunsChange } from '../change-runs.ts';
import type { CliCommand } from '../command.ts';
import { type CommandContext, jsonLine, print, withStore } from '../context.ts';
import { deleted } from '../deleted.ts';
import { addRunsExport } from '../export-runs.ts';
import { addRunsImport } from '../import-runs.ts';
import { wholeNumber } from '../options.ts';
import { putDocument, type ReportOptions, reportFormat, reportOptions } from '../report-output.ts';
import { textTable } from '../terminal/text-table.ts';
import { runDocument, utc } from '../text/run-text.ts';
import { unfinishedText } from '../unfinished.ts';

/** Runs that a list shows by default, and that are read at once. */
const SHOWN = 100;
const PAGE = 200;

interface ListOptions {
  cost?: boolean;
  limit?: number;
  project?: string;
}

/** `runs list | show | change | import | export | delete`. */
export function addCommand(parent: CliCommand): void {
  const runs = parent
    .command('runs')
    .summary('list, show, change, import, export and delete runs')
    .description('The runs of the home. A RUN is an id, the beginning of one, or a name.')
    .helpCommand(false);
  runs
    .command('list')
    .description('Lists the runs, newest first.')
    .option('--project <name>', 'only the runs of this project')
    .option('--cost', 'with peak memory, energy and the time of a list, as far as they are known')
    .option('--limit <number>', `most runs to list (default: ${SHOWN}, with --json all)`, wholeNumber(1))
    .examples('tessera runs list', 'tessera runs list --project Histories', 'tessera runs list --json')
    .run(list);
  const shown = runs
    .command('show <run>')
    .description("Shows a run's configuration, progress and results; or writes them as a report.");
  reportOptions(shown)
    .examples('tessera runs show sasrec-beauty-seed1', 'tessera runs show sasrec-beauty-seed1 --out run.html')
    .run(show);
  addRunsChange(runs);
  addRunsImport(runs);
  addRunsExport(runs);
  runs
    .command('delete <run>')
    .description('Puts a run into the trash, with its curves, results and checkpoints.')
    .option('--for-good', 'delete it at once, which frees its space on the disk')
    .examples('tessera runs delete sasrec-beauty-seed1', 'tessera runs delete sasrec-beauty-seed1 --for-good')
    .ask((store, reference: string, { forGood }: { forGood?: boolean }) => {
      const run = store.runs.find(reference);
      const dependants = store.runs.dependants([run.id]).map(({ name }) => name);
      const builds =
        dependants.length === 0
          ? ''
          : ` These build on it: ${dependants.join(', ')}. Unless they only began with it, they can no longer be resumed, evaluated or used for recommendations.`;
      return deleted(store, 'run', run, `run ${run.name} (${run.id}).${builds}`, forGood);
    });
}

async function list(
  context: CommandContext,
  { limit, project: reference, cost }: ListOptions,
): Promise<void> {
  await withStore(context, ({ runs, projects }) => {
    const project = reference === undefined ? undefined : projects.find(reference);
    if (context.json) return printList(runs, limit ?? Number.POSITIVE_INFINITY, project?.id);
    const shown = runs.listed(limit ?? SHOWN, { project: project?.id, metrics: LISTED });
    print(shown.length > 0 ? listText(shown, cost === true) : project ? noRunsInText(project) : noRunsText());
    const all = project?.runs ?? runs.count();
    const within = project ? `--project ${project.id} ` : '';
    if (all > shown.length)
      print(
        `\n${grouped(all - shown.length)} more; see them with: ${program()} runs list ${within}--limit ${all}`,
      );
  });
}

/** The runs as one JSON array, a page at a time: thousands of records at once would need much memory. */
function printList(runs: Store['runs'], limit: number, project: string | undefined): void {
  let before: string | undefined;
  let printed = 0;
  process.stdout.write('[');
  for (;;) {
    const page = runs.newest(Math.min(PAGE, limit - printed), { before, project });
    for (const run of page) process.stdout.write(`${printed++ > 0 ? ',' : ''}${jsonLine(run)}`);
    before = page.at(-1)?.id;
    if (before === undefined || printed >= limit) break;
  }
  print(']');
}

function noRunsInText({ id, name }: Project): string {
  return `No runs in the project ${name}. Put some in: ${program()} projects add ${id} RUN`;
}

function noRunsText(): string {
  return `No runs yet. Train a model: ${program()} train --dataset NAME --model popularity`;
}

/** Metrics that a list shows, if any run has them. */
const LISTED = ['test/ndcg@10', 'test/hr@10', 'test/auc', 'test/logloss'];

function listText(runs: readonly ListedRun[], cost: boolean): string {
  const shown = LISTED.filter((metric) => runs.some(({ metrics }) => metric in metrics));
  const rows = runs.map((run) => {
    const { id, name, model, dataset, seed, status, epochs, seconds, metrics, createdAt } = run;
    return [
      id,
      name,
      model ?? '–',
      dataset ?? '–',
      String(seed ?? '–'),
      status,
      epochs === null ? '–' : String(epochs),
      duration(seconds),
      ...(cost ? [memoryText(run.peakMemory), energyText(run.energy), milliseconds(run.listSeconds)] : []),
      ...shown.map((metric) => fixed(metrics[metric], 4)),
      utc(createdAt),
    ];
  });
  const costs = cost ? ['Peak memory', 'Energy', 'Time a list'] : [];
  const numbers = ['Seed', 'Epochs', 'Time', ...costs, ...shown.map(metricLabel)];
  const head = ['Run', 'Name', 'Model', 'Data set', 'Seed', 'Status', ...numbers.slice(1), 'Created (UTC)'];
  return textTable(head, rows, numbers);
}

async function show(context: CommandContext, reference: string, options: ReportOptions): Promise<void> {
  const { runSlices } = await import('../../services/analysis/slices.ts');
  const { storedEvaluations } = await import('../../services/analysis/language-pipeline.ts');
  const { unknownReads } = await import('../../services/runs/source-runs.ts');
  await withStore(context, async (store) => {
    const { run, ...recorded } = runDetails(store, store.runs.find(reference));
    const details = {
      ...recorded,
      logs: store.logs.list(run.id),
      slices: run.kind === 'imported' ? [] : await runSlices(store, run),
      notKnown: unknownReads(store, run),
    };
    const evaluations = storedEvaluations(store, run.id);
    await putDocument(
      runDocument({ run, ...details }, evaluations),
      { ...run, ...details },
      options,
      context,
    );
    if (
      isOwn(run) &&
      UNFINISHED.includes(run.status) &&
      options.out === undefined &&
      reportFormat(options, context) === 'table'
    )
      print(`\n${unfinishedText(store, run)}`);
  });
}
