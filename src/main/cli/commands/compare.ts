import { basename } from 'node:path';
import type { Report } from '../../../core/api/compare.ts';
import { UserError } from '../../../core/errors.ts';
import {
  FACT_COLUMNS,
  type FactColumn,
  FORMAT_NAMES,
  REPORT_FORMATS,
  REPORT_PARTS,
  type ReportFormat,
  type ReportPart,
} from '../../../core/reports/formats.ts';
import type { Comparison } from '../../../core/reports/types.ts';
import type { Store } from '../../../core/store/store.ts';
import type { CliCommand } from '../command.ts';
import { type CommandContext, withStore } from '../context.ts';
import { commaList, listFrom } from '../options.ts';
import { putReport, type ReportOptions, reportFormat, reportOptions } from '../report-output.ts';

interface CompareOptions extends ReportOptions {
  baseline?: string;
  metrics?: string[];
  slices?: boolean;
  published?: string[];
  publishedDataset?: string;
  title?: string;
  conclusion?: string;
  parts?: ReportPart[];
  curves?: string[];
  columns?: FactColumn[];
}

/** `compare RUN...`: one table, with tests against a baseline. */
export function addCommand(parent: CliCommand): void {
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
      'published results beside ours, and every model with what its paper, others and these runs reached; ' +
        '"tessera published" lists the sources, "all" takes the overview alone',
      commaList,
    )
    .option(
      '--published-dataset <id>',
      'the published data set that the runs are of (default: the one with the same counts, or name)',
    );
  reportOptions(command)
    .option('--title <text>', 'html, md: the heading; latex: the caption')
    .option('--conclusion <text>', 'html, md: your own text under the heading; blank lines part paragraphs')
    .option(
      '--parts <names>',
      `html, md: what the report has, of ${REPORT_PARTS.join(', ')} (default: all but slices; md: as html, with charts as SVG files beside --out)`,
      listFrom(REPORT_PARTS),
    )
    .option(
      '--curves <metrics>',
      'html, md: whose curves are drawn, such as valid/ndcg@10 (default: four)',
      commaList,
    )
    .option(
      '--columns <names>',
      `html, md, latex: columns beside the metrics, of ${FACT_COLUMNS.join(', ')} (default: model, seeds)`,
      listFrom(FACT_COLUMNS),
    )
    .examples(
      'tessera compare popularity-beauty-seed1 sasrec-beauty-seed1',
      'tessera compare 4kc 4kd 4ke --baseline 4kc --metrics ndcg@10,mrr --format latex',
      'tessera compare 4kc 4kd --out report.html',
      'tessera compare 4kc 4kd --out report.md --title "HSTU or SASRec" --parts differences,charts',
      'tessera compare 4kc 4kd --published fuxi-alpha',
      'tessera compare 4kc 4kd 4ke --published all --out beauty.md',
      'tessera compare 4kc 4kd 4ke --slices --metrics auc --format md',
    )
    .run(compare);
}

async function compare(
  context: CommandContext,
  references: string[],
  options: CompareOptions,
): Promise<void> {
  const { out } = options;
  const format = reportFormat(options, context);
  refuseUnfit(options, format);
  const written = await withStore(context, (store) => report(store, references, options, format));
  putReport(written, format, out, context);
}

/** Refuses options that the format has no place for. */
function refuseUnfit(options: CompareOptions, format: ReportFormat): void {
  const { title, conclusion, parts = [], curves, columns } = options;
  const places: [option: string, given: boolean, fits: (format: ReportFormat) => boolean][] = [
    ['--title', title !== undefined, (name) => REPORT_FORMATS[name].titled !== null],
    ['--conclusion', conclusion !== undefined, (name) => REPORT_FORMATS[name].text],
    ['--columns', columns !== undefined, (name) => REPORT_FORMATS[name].facts],
    ['--curves', curves !== undefined, (name) => REPORT_FORMATS[name].parts.includes('curves')],
    ...parts.map((part): (typeof places)[number] => [
      `--parts ${part}`,
      true,
      (name) => REPORT_FORMATS[name].parts.includes(part),
    ]),
  ];
  const unfit = places.find(([, given, fits]) => given && !fits(format));
  if (!unfit) return;
  const [option, , fits] = unfit;
  throw new UserError(
    `the format ${format} has no place for ${option}; choose ${FORMAT_NAMES.filter(fits).join(' or ')} with --format`,
  );
}

/** The comparison as text, its charts for files beside it, and its warnings. */
async function report(
  store: Store,
  references: string[],
  { baseline, metrics, slices, standalone, out, ...options }: CompareOptions,
  format: ReportFormat,
): Promise<Pick<Report, 'text' | 'files' | 'warnings'>> {
  const [{ compareRuns }, { writeComparison }, { figureFiles }, { comparedRuns }, { codeVersion }] =
    await Promise.all([
      import('../../../core/reports/comparison.ts'),
      import('../../../core/reports/write.ts'),
      import('../../../core/reports/figure-files.ts'),
      import('../../analyst/compared-runs.ts'),
      import('../../../core/code-version.ts'),
    ]);
  const base = baseline === undefined ? undefined : store.runs.find(baseline).id;
  const named = base === undefined ? references : [...references, base];
  const comparison = compareRuns(
    comparedRuns(store, named, REPORT_FORMATS[format].parts.includes('curves')),
    { baseline: base, metrics },
  );
  Object.assign(comparison, await publishedParts(comparison, options));
  const { title, conclusion: text, parts, curves, columns: facts } = options;
  if (slices || parts?.includes('slices')) {
    const { slicesOfRows } = await import('../../analyst/slices.ts');
    comparison.slices = await slicesOfRows(store, comparison.rows, comparison.baseline);
  }
  const day = new Date().toISOString().slice(0, 10);
  const figures = figureFiles(basename(out ?? ''));
  const written = writeComparison(comparison, format, {
    // Bold and underlined where a terminal shows it.
    ansi: out === undefined && process.stdout.isTTY && !process.env.NO_COLOR,
    standalone,
    subtitle: `${day}, Tessera ${codeVersion()}`,
    ...{ title, text, parts: parts && slices ? [...parts, 'slices'] : parts, curves, facts },
    keepFigure: out === undefined ? undefined : figures.keep,
  });
  return { text: written, files: figures.files, warnings: comparison.warnings };
}

async function publishedParts(
  comparison: Comparison,
  { published, publishedDataset: dataset }: CompareOptions,
): Promise<Partial<Comparison>> {
  if (published === undefined) {
    if (dataset === undefined) return {};
    throw new UserError('--published-dataset belongs to --published: name the source, too');
  }
  const [{ besidePublished }, { overviewByModel }, { findSource, readShelf }] = await Promise.all([
    import('../../../core/reports/published.ts'),
    import('../../../core/reports/overview.ts'),
    import('../../../core/published/shelf.ts'),
  ]);
  const shelf = readShelf();
  const sources = published.filter((id) => id !== 'all').map((id) => findSource(shelf, id));
  return {
    published: sources.flatMap((source) => besidePublished(comparison, shelf, source, { dataset })),
    overview: overviewByModel(comparison, shelf, dataset),
  };
}
