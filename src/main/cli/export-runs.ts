import { Option } from 'commander';
import { grouped } from '../../core/documents/format.ts';
import { RUN_FORMATS, type RunFormat } from '../../core/foreign/export-formats.ts';
import { countText } from '../../core/names.ts';
import type { CliCommand } from './command.ts';
import { type Answer, type CommandContext, withStore } from './context.ts';
import { cancellable } from './terminal/cancellable.ts';

interface ExportOptions {
  out: string;
  format: RunFormat;
}

/** `runs export [run...]`: runs for other programs. */
export function addRunsExport(runs: CliCommand): void {
  runs
    .command('export [run...]')
    .description(
      "Writes runs, all of them or those that are named, into a new or empty folder: as five tables (runs, metrics, config, curves, ranks: where each user's held-out item was ranked), or as event files " +
        'of TensorBoard, one folder per run, whose numbers have 32 bits. docs/runs_to_mlflow.py writes the tables to MLflow.',
    )
    .out('folder', 'new or empty folder', { required: true })
    .addOption(new Option('--format <name>', 'of the files').choices(RUN_FORMATS).default('csv'))
    .examples(
      'tessera runs export --out all-runs --format parquet',
      'tessera runs export sasrec-beauty-seed1 tiger-beauty-seed1 --out board --format tensorboard',
    )
    .answer(exportNamed);
}

async function exportNamed(
  context: CommandContext,
  references: string[],
  { out, format }: ExportOptions,
): Promise<Answer> {
  const { exportRuns } = await import('../services/analysis/export-runs.ts');
  return withStore(context, async (store) => {
    const ids = new Set(references.map((reference) => store.runs.find(reference).id));
    const runs = ids.size > 0 ? store.runs.named([...ids]) : store.runs.newest(Number.MAX_SAFE_INTEGER);
    const files = await cancellable(
      context,
      {
        progress: ({ done, total }: { done: number; total: number }) =>
          `${grouped(done)} of ${countText(total, 'run')}`,
        cancelled: 'the export was cancelled; nothing was written',
      },
      (work) => exportRuns(store, { runs, folder: out, format }, work),
    );
    const answer = { folder: out, runs: runs.length, files };
    return [answer, `Wrote ${countText(runs.length, 'run')} to ${out}.`];
  });
}
