import { basename, extname, join } from 'node:path';
import { Option } from 'commander';
import {
  CHOSEN_PARTS,
  FACT_COLUMNS,
  type FactColumn,
  FORMAT_NAMES,
  LATEX_STYLES,
  type LatexStyle,
  REPORT_FORMATS,
  type ReportFormat,
  type ReportPart,
  USUAL_PARTS,
} from '../../../core/documents/formats.ts';
import { UserError } from '../../../core/errors.ts';
import type { PracticalRequest } from '../../../core/evaluation/practical/index.ts';
import { writeWhole } from '../../../core/files/whole-file.ts';
import { shellQuote } from '../../../core/names.ts';
import type { Store } from '../../../core/store/store.ts';
import type { RunRecord } from '../../../core/store/types.ts';
import { program } from '../../data-folder/command-line.ts';
import type { PlanOfRuns } from '../../services/analysis/plans/plan-of-runs.ts';
import type { CliCommand } from '../command.ts';
import { type CommandContext, printAnswer, withStore } from '../context.ts';
import { commaList, listFrom, namedRun, openShare, ropeSize } from '../options.ts';
import {
  printReport,
  type ReportOptions,
  reportChoices,
  reportFormat,
  reportOptions,
} from '../report-output.ts';

interface CompareOptions extends ReportOptions {
  baseline?: string;
  metrics?: string[];
  rope?: PracticalRequest['rope'];
  power?: number;
  label?: Record<string, string>;
  slices?: boolean;
  published?: string[];
  publishedDataset?: string;
  title?: string;
  conclusion?: string;
  parts?: ReportPart[];
  appendix?: boolean;
  curves?: string[];
  columns?: FactColumn[];
  also?: string[];
  style?: LatexStyle;
  savePlan?: string;
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
      '--rope <size>',
      'region of practical equivalence: how large a difference does not matter, such as 0.002, or 1% of the baseline; ' +
        'adds tests of equivalence and a Bayesian signed-rank test to the differences',
      ropeSize,
    )
    .option(
      '--power <chance>',
      'adds the users and seeds that would find each difference with this chance, such as 0.8',
      openShare,
    )
    .option('--label <run=name>', 'what the row of a run is called; repeatable', namedRun)
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
    .option('--title <text>', 'html, page, folder, md: the heading; latex: the begin of the caption')
    .option(
      '--conclusion <text>',
      'html, page, folder, md: your own text under the heading; blank lines part paragraphs',
    )
    .option(
      '--parts <names>',
      `html, page, folder, md: what the report has, of ${CHOSEN_PARTS.join(', ')} (default: ${USUAL_PARTS.join(', ')}; md: charts as SVG files beside --out)`,
      listFrom(CHOSEN_PARTS),
    )
    .option(
      '--appendix',
      'html, page, folder, md: with every metric, test, config and environment behind the two pages',
    )
    .option(
      '--curves <metrics>',
      'html, page, folder, md: whose curves are drawn, such as valid/ndcg@10 (default: the most telling one)',
      commaList,
    )
    .option(
      '--columns <names>',
      `html, page, folder, md, latex: columns beside the metrics, of ${FACT_COLUMNS.join(', ')} (default: model, seeds)`,
      listFrom(FACT_COLUMNS),
    )
    .option(
      '--also <names>',
      'html, page, folder, md, csv, json: further parts, each from a page of its own: saved comparisons, studies, sweeps, tokenisers',
      commaList,
    )
    .addOption(
      new Option('--style <class>', 'latex: what the tables are set for')
        .choices(LATEX_STYLES)
        .default('article'),
    )
    .option(
      '--save-plan <file>',
      'write a plan in YAML that makes this table anew, in place of comparing; "tessera plan run" takes it',
    )
    .examples(
      'tessera compare popularity-beauty-seed1 sasrec-beauty-seed1',
      'tessera compare 4kc 4kd 4ke --baseline 4kc --metrics ndcg@10,mrr --format latex',
      'tessera compare 4kc 4kd --metrics ndcg@10 --rope 1% --power 0.8',
      'tessera compare 4kc 4kd 4ke --slices --style acm --out table.tex',
      'tessera compare 4kc 4kd 4ke --save-plan paper.yaml',
      'tessera compare 4kc 4kd --out report.html',
      'tessera compare 4kc 4kd --label 4kc="SASRec, ours" --out report.html',
      'tessera compare 4kc 4kd --out report.html --appendix',
      'tessera compare 4kc 4kd --out report/ --appendix',
      'tessera compare 4kc 4kd 4ke --format page --out page.html    # metric, users and baseline change in it',
      'tessera compare 4kc 4kd --out report.md --title "HSTU or SASRec" --parts differences,charts',
      'tessera compare 4kc 4kd --also beauty-sizes,lr-sweep,rq-vae-beauty --out report.html',
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
  const format = reportFormat(options, context);
  refuseUnfit(options, format);
  if (format === 'page') {
    const { ensureBuilt } = await import('../../browser/build-window.ts');
    await ensureBuilt('window', (line) => process.stderr.write(`tessera: ${line}\n`));
  }
  const { findBeside, reportOfRuns } = await import('../../services/analysis/reports.ts');
  const { metrics, slices, title, conclusion: text, curves, columns: facts } = options;
  const { published, publishedDataset, rope, power } = options;
  await withStore(context, async (store) => {
    const runs = references.map((reference) => store.runs.find(reference));
    const baseline = options.baseline === undefined ? undefined : store.runs.find(options.baseline);
    const all = baseline ? [...runs, baseline] : runs;
    const labels = Object.fromEntries(
      Object.entries(options.label ?? {}).map(([run, name]) => {
        const { id } = store.runs.find(run);
        if (all.some((one) => one.id === id)) return [id, name];
        throw new UserError(`--label names ${JSON.stringify(run)}, which is not among the compared runs`);
      }),
    );
    const practical = rope || power !== undefined ? { rope, power } : undefined;
    if (options.savePlan !== undefined)
      return savePlan(context, store, all, {
        file: options.savePlan,
        baseline: baseline?.id,
        metrics,
        labels,
        practical,
      });
    const report = await reportOfRuns(store, all, {
      ...reportChoices(options),
      ...{
        baseline: baseline?.id,
        metrics,
        labels,
        practical,
        format,
        title,
        text,
        curves,
        facts,
        style: options.style,
        published,
        publishedDataset,
      },
      parts: chosenParts(options),
      also: options.also?.map((name) => findBeside(store, name)),
      slices,
    });
    printReport(report, format, options.out, context);
    if (format !== 'folder' || options.out === undefined) return;
    const { RANKS_FILE, writeRanks } = await import('../../services/analysis/rank-rows.ts');
    await writeRanks(store, [...new Set(all)], join(options.out, RANKS_FILE));
  });
}

/** Writes a plan of the runs, which is called by its file. */
async function savePlan(
  context: CommandContext,
  store: Store,
  runs: readonly RunRecord[],
  { file, ...look }: Omit<PlanOfRuns, 'name'> & { file: string },
): Promise<void> {
  const { planOfRuns } = await import('../../services/analysis/plans/plan-of-runs.ts');
  const name = basename(file, extname(file));
  writeWhole(file, planOfRuns(store, runs, { ...look, name }));
  printAnswer(context, [
    { file },
    `Wrote ${file}: "${program()} plan check ${shellQuote(file)}" says what it takes.`,
  ]);
}

/** Parts of a page; undefined for the usual ones. Slices are long, and of click predictions take a while. */
function chosenParts({ parts, appendix, slices, rope, power }: CompareOptions): ReportPart[] | undefined {
  const asked = [
    ...(slices ? (['slices'] as const) : []),
    ...(rope || power !== undefined ? (['differences'] as const) : []),
  ];
  if (!parts && !appendix && asked.length === 0) return undefined;
  const chosen = parts ?? (appendix ? CHOSEN_PARTS.filter((part) => part !== 'slices') : USUAL_PARTS);
  return [...new Set([...chosen, ...asked])];
}

/** Whether a format says more of a difference than its mark. */
const hasDifferences = (name: ReportFormat) =>
  name === 'csv' ||
  name === 'json' ||
  [...REPORT_FORMATS[name].parts, ...REPORT_FORMATS[name].fixedParts].includes('differences');

/** Refuses options that the format has no place for. */
function refuseUnfit(options: CompareOptions, format: ReportFormat): void {
  if (options.publishedDataset !== undefined && options.published === undefined)
    throw new UserError('--published-dataset belongs to --published: name the source, too');
  const { title, conclusion, parts = [], appendix, curves, columns, also, out, rope, power } = options;
  if (appendix && parts.length > 0) throw new UserError('--appendix has all parts: leave out --parts');
  const places: [option: string, given: boolean, fits: (format: ReportFormat) => boolean][] = [
    ['--title', title !== undefined, (name) => REPORT_FORMATS[name].titled !== null],
    ['--conclusion', conclusion !== undefined, (name) => REPORT_FORMATS[name].text],
    ['--rope', rope !== undefined, hasDifferences],
    ['--power', power !== undefined, hasDifferences],
    ['--also', also !== undefined, (name) => REPORT_FORMATS[name].several],
    ['--columns', columns !== undefined, (name) => REPORT_FORMATS[name].facts],
    ['--appendix', appendix === true, (name) => REPORT_FORMATS[name].parts.length > 0],
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
  const formats = FORMAT_NAMES.filter(fits);
  const slash =
    out !== undefined && formats.includes('folder')
      ? `, or end --out with a slash for a folder: ${out}/`
      : '';
  throw new UserError(
    `the format ${format} has no place for ${option}; choose ${formats.join(' or ')} with --format${slash}`,
  );
}
