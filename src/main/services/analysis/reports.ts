/** Reports of compared runs, and of what a user puts beside them. */
import { readFileSync } from 'node:fs';
import type {
  Beside,
  CompareRequest,
  ComparisonProgress,
  Report,
  ReportRequest,
} from '../../../core/api/compare.ts';
import { codebookDocument } from '../../../core/documents/codebook/codebook-document.ts';
import { comparisonDocument } from '../../../core/documents/comparison/comparison-document.ts';
import { baselinesOfRows } from '../../../core/documents/comparison/rows/baseline-words.ts';
import { overviewByModel } from '../../../core/documents/comparison/sections/overview.ts';
import { besidePublished } from '../../../core/documents/comparison/sections/published.ts';
import { publishedBesideRows } from '../../../core/documents/comparison/sections/published-rows.ts';
import type { ReportDocument } from '../../../core/documents/document.ts';
import {
  BESIDE_KINDS,
  BESIDE_TITLES,
  type BesideKind,
  FORMAT_NAMES,
  REPORT_FORMATS,
  type ReportFormat,
  type RowNames,
  showsPart,
} from '../../../core/documents/formats.ts';
import { joinedDocument } from '../../../core/documents/joined.ts';
import { pageData } from '../../../core/documents/page/page-data.ts';
import type { PageData } from '../../../core/documents/page/page-types.ts';
import type { Comparison, WriteOptions } from '../../../core/documents/types.ts';
import { paragraphs } from '../../../core/documents/writers/text.ts';
import { reportOf, writeComparison } from '../../../core/documents/writers/write.ts';
import { UserError } from '../../../core/errors.ts';
import type { PracticalRequest } from '../../../core/evaluation/practical/index.ts';
import { findSource, readPublished } from '../../../core/published/published-results.ts';
import { reportPageScript } from '../../../core/resources.ts';
import { hasSemanticIds } from '../../../core/semantic-ids/artefact.ts';
import type { StudyKind } from '../../../core/store/home/study-spec.ts';
import type { Store } from '../../../core/store/store.ts';
import type { RunRecord } from '../../../core/store/types.ts';
import type { WorkContext } from '../../workers/progress.ts';
import { isMeasured, withCurves } from './compared-runs.ts';
import { compared, readyRuns } from './comparisons.ts';
import { reproductionOf } from './reproduce/made-again.ts';
import { CARRYING, recipeOf } from './reproduce/recipe-of-runs.ts';
import { slicedUsers, slicesOfRows } from './slices.ts';
import { reportedStudy } from './study-report.ts';
import { readTokeniser } from './tokenisers.ts';

export interface ComparisonReportOptions
  extends Pick<CompareRequest, 'baseline' | 'metrics' | 'labels'>,
    WriteOptions {
  format: ReportFormat;
  /** What rows are called. Default: as usual in the format. */
  names?: RowNames;
  /** What is asked of differences besides. */
  practical?: PracticalRequest;
  fileName?: string | null;
  /** Ids of sources whose results stand beside the rows, with the overview; "all" alone brings the overview. */
  published?: readonly string[];
  /** Id of the published data set that the rows are of. Default: found by counts or name. */
  publishedDataset?: string;
  /** Whether it has slices, which take long to compute. Default: where they are among the parts. */
  slices?: boolean;
  /** What else is in it, each from a page of its own on. */
  also?: readonly Pick<Beside, 'kind' | 'id'>[];
}

type Work = WorkContext<ComparisonProgress>;

/**
 * The comparison of runs as a report, with what is requested beside it. Throws UserError for a run without results, an unknown
 * source, what is not there, and a format that has no place for it.
 */
export async function reportOfRuns(
  store: Store,
  runs: readonly RunRecord[],
  { also = [], ...options }: ComparisonReportOptions,
  context: Work = {},
): Promise<Report> {
  const { format, title, text } = options;
  if (format === 'page') options.script = readPageScript();
  const recipe = CARRYING.includes(format) ? recipeOf(store, runs) : undefined;
  if (also.length === 0)
    return reportOf({ ...(await documentOfRuns(store, runs, options, context)), recipe }, format, options);
  if (!REPORT_FORMATS[format].several)
    throw new UserError(
      `the format ${format} has no place for further parts; choose ${FORMAT_NAMES.filter((name) => REPORT_FORMATS[name].several).join(' or ')}`,
    );
  // The title and the text are those of the whole.
  const chapters = [await documentOfRuns(store, runs, { ...options, title: undefined, text: '' }, context)];
  for (const { kind, id } of also) chapters.push(await BESIDE[kind].document(store, id, options, context));
  const joined = joinedDocument(chapters, { title, text: paragraphs(text) });
  return reportOf({ ...joined, recipe }, format, options);
}

async function documentOfRuns(
  store: Store,
  runs: readonly RunRecord[],
  {
    baseline,
    metrics,
    labels,
    format,
    names = REPORT_FORMATS[format].names,
    published = [],
    publishedDataset: dataset,
    practical,
    slices,
    ...options
  }: ComparisonReportOptions,
  context: Work,
): Promise<ReportDocument> {
  const plain = await compared(store, { baseline, metrics, names, labels, practical }, runs, context);
  const hasCurves = showsPart(format, 'curves', options.parts);
  const hasSlices = Boolean(slices ?? options.parts?.includes('slices'));
  const comparison = {
    ...(hasCurves ? withCurves(store, plain, options.curves) : plain),
    ...(published.length > 0 ? publishedParts(plain, published, dataset) : {}),
    beside: showsPart(format, 'beside', options.parts)
      ? publishedBesideRows(plain, readPublished())
      : undefined,
    reproduction: showsPart(format, 'reproduction', options.parts) ? reproductionOf(store, runs) : undefined,
    slices: hasSlices ? await slicesOfRows(store, plain.rows, baselinesOfRows(plain)) : undefined,
  };
  const document = comparisonDocument(comparison, format, { ...options, labels });
  return format === 'page' ? { ...document, page: await pageOf(store, comparison) } : document;
}

function readPageScript(): string {
  const path = reportPageScript();
  if (path === null)
    throw new UserError('the script of interactive pages is not built: run "npm run build" in the clone');
  return readFileSync(path, 'utf8');
}

/** What the page of a comparison holds: its users are cut as the run is that the others are set off. */
async function pageOf(store: Store, comparison: Comparison): Promise<PageData | null> {
  const { rows, baseline } = comparison;
  const [{ id }] = rows[baseline ?? 0].runs;
  const run = store.runs.get(id);
  const slices = isMeasured(run) ? await slicedUsers(store, run) : [];
  const files = { tex: writeComparison(comparison, 'latex'), csv: writeComparison(comparison, 'csv') };
  return pageData(comparison, slices, files);
}

type Named = Pick<Beside, 'id' | 'name'>;

/** What may stand beside a comparison, of one kind. */
interface BesideSource {
  /** Those of them that are wanted, in the order of a list. */
  list(store: Store, isWanted: (one: Named) => boolean): readonly Named[];
  /** One of them, looked at as the comparison is. Throws UserError where it is not there. */
  document(
    store: Store,
    id: string,
    options: ComparisonReportOptions,
    context: Work,
  ): ReportDocument | Promise<ReportDocument>;
}

const ofStudies = (kind: StudyKind): BesideSource => ({
  list: (store, isWanted) => store.studies.list(kind).filter(isWanted),
  document: async (store, id) => (await reportedStudy(store, store.studies.find(id, kind))).document,
});

const BESIDE: Record<BesideKind, BesideSource> = {
  comparison: {
    list: (store, isWanted) => store.comparisons.list().filter(isWanted),
    document: documentOfSaved,
  },
  study: ofStudies('study'),
  sweep: ofStudies('sweep'),
  codebook: {
    list: (store, isWanted) =>
      store.runs.list().filter((run) => isWanted(run) && hasSemanticIds(store.runs.folder(run.id))),
    document: (store, id) => {
      const { run, snapshot } = readTokeniser(store, id);
      const { name, model, dataset } = run;
      return codebookDocument({ name, model, dataset: dataset.name, ids: snapshot.ids });
    },
  },
};

async function documentOfSaved(
  store: Store,
  id: string,
  options: ComparisonReportOptions,
  context: Work,
): Promise<ReportDocument> {
  const saved = store.comparisons.list().find((one) => one.id === id);
  if (!saved) throw new UserError(`there is no saved comparison ${JSON.stringify(id)}`);
  const { name: title, notes: text, baseline, metrics, labels } = saved;
  const { ready, ...request } = readyRuns(store, { runs: saved.runs, baseline });
  return documentOfRuns(store, ready, { ...options, ...request, title, text, metrics, labels }, context);
}

/** What a report may have beside a comparison. */
export const allBeside = (store: Store): Beside[] => besides(store, () => true);

function besides(store: Store, isWanted: (one: Named) => boolean): Beside[] {
  return BESIDE_KINDS.flatMap((kind) =>
    BESIDE[kind].list(store, isWanted).map(({ id, name }) => ({ kind, id, name })),
  );
}

/** The one of them that has this name or id. Throws UserError where none or several are called so. */
export function findBeside(store: Store, reference: string): Beside {
  const found = besides(store, ({ id, name }) => id === reference || name === reference);
  if (found.length === 1) return found[0];
  const kinds = BESIDE_KINDS.map((kind) => BESIDE_TITLES[kind].toLowerCase());
  const what = `${kinds.slice(0, -1).join(', ')} or ${kinds.at(-1)} called ${JSON.stringify(reference)}`;
  if (found.length === 0) throw new UserError(`there is no ${what}`);
  throw new UserError(`there is more than one ${what}: give its id`);
}

function publishedParts(plain: Comparison, ids: readonly string[], dataset: string | undefined) {
  const published = readPublished();
  const sources = ids.filter((id) => id !== 'all').map((id) => findSource(published, id));
  return {
    published: sources.flatMap((source) => besidePublished(plain, published, source, { dataset })),
    overview: overviewByModel(plain, published, dataset),
  };
}

/** The same of those runs that are there and have results. Throws UserError where none is left. */
export async function comparisonReport(
  store: Store,
  { runs, ...options }: ReportRequest,
  context: WorkContext<ComparisonProgress> = {},
): Promise<Report> {
  const { ready, ...request } = readyRuns(store, { ...options, runs });
  return reportOfRuns(store, ready, request, context);
}
