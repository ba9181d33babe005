import type { Command } from 'commander';
import { metricLabel } from '../../../core/evaluation/metrics-table.ts';
import { duration, fixed, grouped } from '../../../core/reports/format.ts';
import { UNFINISHED } from '../../../core/store/run-life.ts';
import type { Store } from '../../../core/store/store.ts';
import type { RunRecord } from '../../../core/store/types.ts';
import { program } from '../../data-folder/command-line.ts';
import type { RunService } from '../../hub/runs.ts';
import { answer, type CommandContext, contextOf, print, withStore } from '../context.ts';
import { examples } from '../help.ts';
import { wholeNumber } from '../options.ts';
import { textTable } from '../terminal/text-table.ts';
import { runText, utc } from '../text/run-text.ts';
import { unfinishedText } from '../unfinished.ts';

/** Runs that a list shows by default, and that are read at once. */
const SHOWN = 100;
const PAGE = 200;

/** `runs list | show | delete`. */
export function addCommand(parent: Command): void {
  const runs = parent
    .command('runs')
    .summary('list, show and delete runs')
    .description('The runs of the home. A RUN is an id, the beginning of one, or a name.')
    .helpCommand(false);
  runs
    .command('list')
    .description('Lists the runs, newest first.')
    .option('--limit <number>', `most runs to list (default: ${SHOWN}, with --json all)`, wholeNumber(1))
    .addHelpText(
      'after',
      examples('tessera runs list', 'tessera runs list --limit 500', 'tessera runs list --json'),
    )
    .action(({ limit }: { limit?: number }, command: Command) => list(limit, contextOf(command)));
  runs
    .command('show <run>')
    .description("Shows a run's configuration, progress and results.")
    .addHelpText('after', examples('tessera runs show sasrec-beauty-seed1'))
    .action((reference: string, _options: object, command: Command) => show(reference, contextOf(command)));
  runs
    .command('delete <run>')
    .description('Deletes a run with its curves, results and checkpoints.')
    .addHelpText('after', examples('tessera runs delete sasrec-beauty-seed1'))
    .action((reference: string, _options: object, command: Command) => remove(reference, contextOf(command)));
}

async function withRuns<T>(
  context: CommandContext,
  work: (service: RunService, store: Store) => T,
): Promise<T> {
  const [{ RunService }, { ForkHost }] = await Promise.all([
    import('../../hub/runs.ts'),
    import('../../workers/host.ts'),
  ]);
  return withStore(context, (store) => work(new RunService(store, new ForkHost()), store));
}

async function list(limit: number | undefined, context: CommandContext): Promise<void> {
  await withStore(context, ({ runs, lifecycle }) => {
    lifecycle.markLostRuns();
    if (context.json) return printList(runs, limit ?? Number.POSITIVE_INFINITY);
    const shown = runs.newest(limit ?? SHOWN, null, LISTED);
    print(shown.length > 0 ? listText(shown) : noRunsText());
    const more = runs.count() - shown.length;
    if (more > 0)
      print(`\n${grouped(more)} more; see them with: ${program()} runs list --limit ${runs.count()}`);
  });
}

/** The runs as one JSON array, a page at a time: thousands of records at once would need much memory. */
function printList(runs: Store['runs'], limit: number): void {
  let before: string | null = null;
  let printed = 0;
  process.stdout.write('[');
  for (;;) {
    const page = runs.newest(Math.min(PAGE, limit - printed), before);
    for (const run of page) process.stdout.write(`${printed++ > 0 ? ',' : ''}${JSON.stringify(run)}`);
    before = page.at(-1)?.id ?? null;
    if (before === null || printed >= limit) break;
  }
  print(']');
}

function noRunsText(): string {
  return `No runs yet. Train a model: ${program()} train --dataset NAME --model popularity`;
}

/** Metrics that a list shows, if any run has them. */
const LISTED = ['test/ndcg@10', 'test/hr@10', 'test/auc', 'test/logloss'];

function listText(runs: readonly RunRecord[]): string {
  const shown = LISTED.filter((metric) => runs.some(({ metrics }) => metric in metrics));
  const rows = runs.map(({ id, name, model, dataset, seed, status, epochs, seconds, metrics, createdAt }) => [
    id,
    name,
    model,
    dataset.name,
    String(seed),
    status,
    epochs === null ? '–' : String(epochs),
    duration(seconds),
    ...shown.map((metric) => fixed(metrics[metric], 4)),
    utc(createdAt),
  ]);
  const numbers = ['Seed', 'Epochs', 'Time', ...shown.map(metricLabel)];
  const head = ['Run', 'Name', 'Model', 'Data set', 'Seed', 'Status', ...numbers.slice(1), 'Created (UTC)'];
  return textTable(head, rows, numbers);
}

async function show(reference: string, context: CommandContext): Promise<void> {
  const { runSlices } = await import('../../analyst/slices.ts');
  await withRuns(context, async (service, store) => {
    const { run, ...recorded } = service.show(reference);
    const details = { ...recorded, slices: await runSlices(store, run) };
    const ended = UNFINISHED.includes(run.status);
    const text = () =>
      [runText({ run, ...details }), ...(ended ? ['', unfinishedText(store, run)] : [])].join('\n');
    answer(context, { ...run, ...details }, text);
  });
}

async function remove(reference: string, context: CommandContext): Promise<void> {
  const { id, name } = await withRuns(context, (service) => service.delete(reference));
  answer(context, { deleted: id, name }, () => `Deleted the run ${name} (${id}).`);
}
