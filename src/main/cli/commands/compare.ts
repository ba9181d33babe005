import type { Command } from 'commander';
import { UserError } from '../../../core/errors.ts';
import { REPORT_FORMATS, type ReportFormat } from '../../../core/reports/formats.ts';
import type { Comparison, PublishedSection } from '../../../core/reports/types.ts';
import type { Store } from '../../../core/store/store.ts';
import { type CommandContext, contextOf, withStore } from '../context.ts';
import { examples } from '../help.ts';
import { commaList } from '../options.ts';
import { putReport, type ReportOptions, reportFormat, reportOptions } from '../report-output.ts';

interface CompareOptions extends ReportOptions {
  baseline?: string;
  metrics?: string[];
  slices?: boolean;
  published?: string[];
  publishedDataset?: string;
}

/** `compare RUN...`: one table, with tests against a baseline. */
export function addCommand(parent: Command): void {
  const command = parent
    .command('compare <run...>')
    .summary('compare runs in one table, with significance tests')
    .description(
      'Compares runs: runs that differ only in their seed become one row, the others are tested per user against the ' +
        'baseline. Runs measured under different protocols are shown apart, with a warning that says what differs.',
    )
    .option('--baseline <run>', 'run that the others are tested against (default: the first)')
    .option('--metrics <names>', 'metrics to show, such as ndcg@10,hr@10', commaList)
    .option(
      '--slices',
      'metrics by slice of items and users; of click predictions with intervals and tests over all seeds',
    )
    .option(
      '--published <sources>',
      'published results beside ours; "tessera published" lists them',
      commaList,
    )
    .option(
      '--published-dataset <id>',
      'the published data set that the runs are of (default: the one with the same counts, or name)',
    );
  reportOptions(command)
    .addHelpText(
      'after',
      examples(
        'tessera compare popularity-beauty-seed1 sasrec-beauty-seed1',
        'tessera compare 4kc 4kd 4ke --baseline 4kc --metrics ndcg@10,mrr --format latex',
        'tessera compare 4kc 4kd --out report.html',
        'tessera compare 4kc 4kd --published fuxi-alpha',
        'tessera compare 4kc 4kd 4ke --slices --metrics auc --format md',
      ),
    )
    .action((runs: string[], options: CompareOptions, command: Command) =>
      compare(runs, options, contextOf(command)),
    );
}

async function compare(
  references: string[],
  options: CompareOptions,
  context: CommandContext,
): Promise<void> {
  const { out } = options;
  const format = reportFormat(options, context);
  const written = await withStore(context, (store) =>
    report(store, references, options, format, out === undefined),
  );
  putReport(written, format, out, context);
}

/** The comparison as text, and its warnings. `forTerminal` allows bold and underline if stdout is a terminal. */
async function report(
  store: Store,
  references: string[],
  { baseline, metrics, slices, standalone, ...shelf }: CompareOptions,
  format: ReportFormat,
  forTerminal: boolean,
): Promise<{ text: string; warnings: string[] }> {
  const [{ compareRuns }, { writeComparison }, { comparedRuns }, { codeVersion }] = await Promise.all([
    import('../../../core/reports/comparison.ts'),
    import('../../../core/reports/write.ts'),
    import('../../analyst/compared-runs.ts'),
    import('../../../core/code-version.ts'),
  ]);
  const base = baseline === undefined ? undefined : store.runs.find(baseline).id;
  const named = base === undefined ? references : [...references, base];
  const comparison = compareRuns(
    comparedRuns(store, named, REPORT_FORMATS[format].parts.includes('curves')),
    { baseline: base, metrics },
  );
  comparison.published = await publishedSections(comparison, shelf);
  if (slices) {
    const { slicesOfRows } = await import('../../analyst/slices.ts');
    comparison.slices = await slicesOfRows(store, comparison.rows, comparison.baseline);
  }
  const day = new Date().toISOString().slice(0, 10);
  const text = writeComparison(comparison, format, {
    ansi: forTerminal && process.stdout.isTTY && !process.env.NO_COLOR,
    standalone,
    subtitle: `${day}, Tessera ${codeVersion()}`,
  });
  return { text, warnings: comparison.warnings };
}

async function publishedSections(
  comparison: Comparison,
  { published, publishedDataset: dataset }: CompareOptions,
): Promise<PublishedSection[]> {
  if (published === undefined) {
    if (dataset === undefined) return [];
    throw new UserError('--published-dataset belongs to --published: name the source, too');
  }
  const [{ besidePublished }, { findSource, readShelf }] = await Promise.all([
    import('../../../core/reports/published.ts'),
    import('../../../core/published/shelf.ts'),
  ]);
  const shelf = readShelf();
  const sources = published.map((id) => findSource(shelf, id));
  return sources.flatMap((source) => besidePublished(comparison, shelf, source, { dataset }));
}
