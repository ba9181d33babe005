import { extname } from 'node:path';
import { type Command, Option } from 'commander';
import { UserError } from '../../core/errors.ts';
import type { Comparison, PublishedSection, ReportFormat } from '../../core/reports/types.ts';
import type { Store } from '../../core/store/store.ts';
import { examples } from './help.ts';
import { commaList } from './options.ts';
import { print, printJson, type Shell, shellOf, withStore } from './shell.ts';
import { writeWhole } from './write-whole.ts';

const FORMATS = ['table', 'csv', 'md', 'latex', 'html', 'json'] as const satisfies readonly ReportFormat[];
const FORMAT_OF: Record<string, ReportFormat | undefined> = {
  '.csv': 'csv',
  '.md': 'md',
  '.tex': 'latex',
  '.html': 'html',
  '.htm': 'html',
  '.json': 'json',
  '.txt': 'table',
};

interface CompareOptions {
  baseline?: string;
  format?: ReportFormat;
  out?: string;
  metrics?: string[];
  slices?: boolean;
  standalone?: boolean;
  published?: string[];
  publishedDataset?: string;
}

/** `compare RUN...`: one table, with tests against a baseline. */
export function addCompareCommand(parent: Command): void {
  parent
    .command('compare <run...>')
    .summary('compare runs in one table, with significance tests')
    .description(
      'Compares runs: runs that differ only in their seed become one row, the others are tested per user against the ' +
        'baseline. Runs measured under different protocols are shown apart, with a warning that says what differs.',
    )
    .option('--baseline <run>', 'run that the others are tested against (default: the first)')
    .addOption(new Option('--format <format>', "(default: by the file's name, else table)").choices(FORMATS))
    .option('--out <file>', 'write to this file, whole or not at all')
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
    )
    .option('--standalone', 'latex: a document that compiles by itself')
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
      compare(runs, options, shellOf(command)),
    );
}

async function compare(references: string[], options: CompareOptions, shell: Shell): Promise<void> {
  const { out } = options;
  const format = options.format ?? formatOf(out) ?? (shell.json ? 'json' : 'table');
  if (shell.json && out === undefined && format !== 'json') {
    throw new UserError(
      `--json and --format ${format} ask for two answers: leave one out, or add --out FILE`,
    );
  }
  const { text, warnings } = await withStore(shell, (store) =>
    report(store, references, options, format, out === undefined),
  );
  // The other formats carry the warnings where they are read.
  if (format === 'csv' || out !== undefined)
    process.stderr.write(warnings.map((line) => `tessera: warning: ${line}\n`).join(''));
  if (out === undefined) process.stdout.write(text);
  else {
    writeWhole(out, text);
    if (shell.json) printJson({ file: out, format });
    else print(`Wrote ${out} (${format}).`);
  }
}

/** The format that a file's name says, if it has an ending. Throws UserError for one that says no format. */
function formatOf(out = ''): ReportFormat | undefined {
  const ending = extname(out).toLowerCase();
  if (ending !== '' && !FORMAT_OF[ending]) {
    throw new UserError(
      `${out}: no format goes by the name of "${ending}"; name one of ${FORMATS.join(', ')} with --format`,
    );
  }
  return FORMAT_OF[ending];
}

/** The comparison as text, and its warnings. `forTerminal` allows bold and underline where stdout is one. */
async function report(
  store: Store,
  references: string[],
  { baseline, metrics, slices, standalone, ...shelf }: CompareOptions,
  format: ReportFormat,
  forTerminal: boolean,
): Promise<{ text: string; warnings: string[] }> {
  const [{ compareRuns }, { writeComparison }, { comparedRuns }, { codeVersion }] = await Promise.all([
    import('../../core/reports/comparison.ts'),
    import('../../core/reports/write.ts'),
    import('../services/compared-runs.ts'),
    import('../services/code-version.ts'),
  ]);
  const base = baseline === undefined ? undefined : store.runs.find(baseline).id;
  const named = base === undefined ? references : [...references, base];
  const comparison = compareRuns(comparedRuns(store, named, format === 'html'), { baseline: base, metrics });
  comparison.published = await publishedSections(comparison, shelf);
  if (slices) {
    const { slicesOfRows } = await import('../services/slices.ts');
    comparison.slices = await slicesOfRows(store, comparison.rows, comparison.baseline);
  }
  const day = new Date().toISOString().slice(0, 10);
  const text = writeComparison(comparison, format, {
    ansi: forTerminal && process.stdout.isTTY && !process.env.NO_COLOR,
    latex: { standalone },
    html: { subtitle: `${day}, Tessera ${codeVersion()}` },
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
    import('../../core/reports/published.ts'),
    import('../../core/published/shelf.ts'),
  ]);
  const shelf = readShelf();
  const sources = published.map((id) => findSource(shelf, id));
  return sources.flatMap((source) => besidePublished(comparison, shelf, source, { dataset }));
}
