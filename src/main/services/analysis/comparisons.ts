import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type {
  ComparedRow,
  CompareRequest,
  ComparisonProgress,
  ComparisonSoFar,
  ComparisonView,
} from '../../../core/api/compare.ts';
import { comparisonProgress } from '../../../core/documents/comparison/comparison.ts';
import { resultSection } from '../../../core/documents/comparison/comparison-document.ts';
import { configWithoutSeed, flatConfig } from '../../../core/documents/comparison/rows/configs.ts';
import { knownOf } from '../../../core/documents/comparison/rows/footnotes.ts';
import { tuningNote } from '../../../core/documents/comparison/rows/tuning.ts';
import { protocolWarnings } from '../../../core/documents/comparison/rows/warnings.ts';
import {
  differenceLines,
  meanSeconds,
  testNote,
} from '../../../core/documents/comparison/sections/differences.ts';
import { overviewByModel } from '../../../core/documents/comparison/sections/overview.ts';
import { practicalSections } from '../../../core/documents/comparison/sections/practical.ts';
import { protocolWords } from '../../../core/documents/comparison/sections/protocol-line.ts';
import { allBesidePublished } from '../../../core/documents/comparison/sections/published.ts';
import { publishedBesideRows } from '../../../core/documents/comparison/sections/published-rows.ts';
import { type DocumentSection, markedCell, noteLines } from '../../../core/documents/document.ts';
import { coverageOf } from '../../../core/documents/result-words.ts';
import type {
  Comparison,
  ComparisonOptions,
  ComparisonRow,
  TableSection,
} from '../../../core/documents/types.ts';
import { throwIfCancelled, UserError } from '../../../core/errors.ts';
import { LEADERBOARD_METRIC, validationOf } from '../../../core/evaluation/choice.ts';
import { parseListMetric } from '../../../core/evaluation/list-metrics.ts';
import type { RowTests } from '../../../core/evaluation/paired/pairing.ts';
import { protocolRows } from '../../../core/evaluation/protocol.ts';
import { isSimpleBaseline } from '../../../core/model-facts.ts';
import { type PublishedResults, readPublished } from '../../../core/published/published-results.ts';
import { nameAlone } from '../../../core/run-names.ts';
import { phaseOf } from '../../../core/store/runs/run-life.ts';
import type { Store } from '../../../core/store/store.ts';
import type { RunRecord } from '../../../core/store/types.ts';
import type { WorkContext } from '../../workers/progress.ts';
import { bestByValidation, comparedRuns, hasResults, isMeasured } from './compared-runs.ts';
import { withItems } from './item-facts.ts';

const CACHE_SIZE = 4;
/** Of sequential models: SASRec. */
const USUAL = 'sasrec';
/** What a store keeps of its latest comparisons, by their inputs: they read from it what they need later. */
interface Latest {
  /** A report's preview must not run every test again. */
  recent: LRUCache<string, Comparison>;
  /** The tests in them, which hold whatever the rows are called. */
  tested: LRUCache<string, RowTests>;
}
const latest = new WeakMap<Store, Latest>();

function latestOf(store: Store): Latest {
  const kept = latest.get(store) ?? {
    recent: new LRUCache<string, Comparison>({ max: CACHE_SIZE }),
    tested: new LRUCache<string, RowTests>({ max: CACHE_SIZE }),
  };
  latest.set(store, kept);
  return kept;
}

/** Throws UserError if no run has results. */
export async function compared(
  store: Store,
  options: Omit<CompareRequest, 'runs'> & Pick<ComparisonOptions, 'names'>,
  records: readonly RunRecord[],
  { signal, onProgress }: WorkContext<ComparisonProgress & { comparison: Comparison }>,
): Promise<Comparison> {
  const { baseline, metrics, names, labels, practical } = options;
  const { recent, tested } = latestOf(store);
  const compares = JSON.stringify([records, baseline, metrics, practical]);
  const key = compares + JSON.stringify([names, labels]);
  const cached = recent.peek(key);
  if (cached) return cached;
  const known: RowTests = tested.get(compares) ?? new Map();
  tested.set(compares, known);
  const ids = records.map(({ id }) => id);
  const read = comparedRuns(store, ids);
  const runs = metrics?.some(parseListMetric) ? await withItems(store, read, records, metrics) : read;
  const progress = comparisonProgress(runs, { baseline, metrics, names, labels, practical }, known);
  for (;;) {
    const step = progress.next();
    if (step.done) {
      recent.set(key, step.value);
      return step.value;
    }
    onProgress?.(step.value);
    await yieldToEventLoop();
    throwIfCancelled(signal);
  }
}

/** Null for a run that has been deleted. */
function findRun(store: Store, reference: string): RunRecord | null {
  try {
    return store.runs.find(reference);
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

/** Splits the runs of a request: with results, without results, and deleted. */
function partitionRuns(store: Store, references: readonly string[]) {
  const found = new Map<string, RunRecord>();
  const deletedRuns: string[] = [];
  for (const reference of references) {
    const run = findRun(store, reference);
    if (run) found.set(run.id, run);
    else deletedRuns.push(reference);
  }
  const records = [...found.values()];
  if (records.length === 0) throw new UserError('these runs have been deleted: choose others to compare');
  const [ready, empty] = [records.filter(hasResults), records.filter((run) => !hasResults(run))];
  return { ready, empty, deletedRuns };
}

/** The request; where it names no baseline that has results, with the usual one. Throws UserError where no run has any. */
function withBaseline<T extends Pick<CompareRequest, 'baseline'>>(
  store: Store,
  request: T,
  { ready, empty }: ReturnType<typeof partitionRuns>,
): T {
  if (ready.length === 0) {
    throw new UserError(
      `none of these runs has results to compare: ${empty.map(({ name, status }) => `${name} (${status})`).join(', ')}`,
    );
  }
  const usable = request.baseline === null || ready.some(({ id }) => id === request.baseline);
  return usable ? request : { ...request, baseline: usualBaseline(store, ready) };
}

/** Those of the requested runs that have results, and the request with its baseline. Throws UserError where none has. */
export function readyRuns<T extends Pick<CompareRequest, 'baseline' | 'runs'>>(
  store: Store,
  { runs, ...request }: T,
): Omit<T, 'runs'> & { ready: RunRecord[] } {
  const parts = partitionRuns(store, runs);
  return { ...withBaseline(store, request, parts), ready: parts.ready };
}

/** The run that the others are tested against where nothing else is said; null for none. Throws UserError where no run has results. */
export const shownBaseline = (
  store: Store,
  request: Pick<CompareRequest, 'baseline' | 'runs'>,
): string | null | undefined => readyRuns(store, request).baseline;

/**
 * The model that most of the literature compares with, if it is there, else the simple baseline that is best by validation, else the first
 * run; null where none was measured here.
 */
function usualBaseline(store: Store, all: readonly RunRecord[]): string | null {
  const runs = all.filter(isMeasured);
  const usual = runs.find(({ model }) => model === USUAL);
  if (usual) return usual.id;
  const simple = runs.filter(({ model }) => isSimpleBaseline(model));
  const chosen = bestByValidation(store, simple, validationOf(LEADERBOARD_METRIC)) ?? simple[0] ?? runs[0];
  return chosen?.id ?? null;
}

const NO_ROWS = {
  columns: [],
  otherColumns: [],
  rows: [],
  protocols: [],
  baseline: null,
  warnings: [],
  footnotes: [],
  configDifferences: [],
  resamples: 0,
  configs: [],
  protocolFields: [],
  differences: [],
  notes: [],
  testNote: null,
  tuningNote: null,
  practical: [],
  published: [],
  overview: [],
} satisfies Omit<ComparisonView, 'withoutResults' | 'deleted'>;

/**
 * The comparison as the window shows it; without rows while the runs are queued or train. Throws UserError if no run has
 * results or will have some, CancelledError when the signal fires.
 */
export async function comparisonView(
  store: Store,
  request: CompareRequest,
  { signal, onProgress }: WorkContext<ComparisonSoFar> = {},
): Promise<ComparisonView> {
  const parts = partitionRuns(store, request.runs);
  const { ready, empty, deletedRuns } = parts;
  const others = {
    withoutResults: empty.map((run) => ({
      id: run.id,
      name: run.name,
      title: nameAlone(run),
      status: run.status,
    })),
    deleted: deletedRuns,
  };
  const isPending = empty.some(({ status }) => phaseOf(status) !== 'ended');
  if (ready.length === 0 && isPending) return { ...NO_ROWS, ...others };
  const options = { ...withBaseline(store, request, parts), names: 'short' } as const;
  const printed = readPublished();
  const comparison = await compared(store, options, ready, {
    signal,
    onProgress: ({ comparison: soFar, ...progress }) => {
      if (progress.done > 0) onProgress?.(progress);
      else onProgress?.({ ...progress, untested: { ...shownPart(soFar, printed), ...others } });
    },
  });
  return {
    ...shownPart(comparison, printed),
    published: allBesidePublished(comparison, printed),
    overview: overviewByModel(comparison, printed),
    ...others,
  };
}

/** All but what the comparison is put beside. */
function shownPart(
  comparison: Comparison,
  printed: PublishedResults,
): Omit<ComparisonView, 'withoutResults' | 'deleted'> {
  const { rows, ...rest } = comparison;
  const said = protocolWarnings(rest.protocols, rows);
  return {
    ...rest,
    warnings: rest.warnings.filter((warning) => !said.includes(warning)),
    rows: comparedRows(comparison, printed),
    protocols: comparison.protocols.map((group) => ({ ...group, words: protocolWords(group.protocol) })),
    configs: allConfigs(rows),
    protocolFields: protocolFields(comparison),
    differences: differenceLines(comparison),
    notes: noteLines(resultSection(comparison, []), 'Bold', 'Underlined'),
    testNote: testNote(comparison),
    tuningNote: tuningNote(rows),
    practical: practicalSections(comparison).flatMap(plainTable),
    published: [],
    overview: [],
  };
}

/** A table without marks. */
function plainTable({ title, table, notes = [] }: DocumentSection): TableSection[] {
  if (!table) return [];
  const { headings, textColumns, lines } = table;
  const texts = lines.map((line) => line.map((cell) => markedCell(cell).text));
  return [{ title, headings: [...headings], textColumns, lines: texts, notes: [...notes] }];
}

function comparedRows(comparison: Comparison, printed: PublishedResults): ComparedRow[] {
  const beside = publishedBesideRows(comparison, printed);
  return comparison.rows.map(({ runs, ...row }, at) => {
    const [first] = runs;
    return {
      ...row,
      id: first.id,
      runs: runs.map(({ id, name, seed }) => ({ id, name, seed: seed ?? null })),
      published: beside[at],
      program: first.program ?? null,
      known: knownOf(first),
      coverage: first.result ? coverageOf(first.result) : null,
      dataset: first.dataset?.name ?? null,
      device: first.device ?? null,
      seconds: meanSeconds(runs),
      parameters: first.parameters ?? null,
    };
  });
}

function allConfigs(rows: readonly ComparisonRow[]): ComparisonView['configs'] {
  const configs = rows.map(({ runs: [run] }) => flatConfig(configWithoutSeed(run)));
  const keys = [...new Set(configs.flatMap((config) => [...config.keys()]))].sort();
  return keys.map((key) => ({ key, values: configs.map((config) => config.get(key) ?? null) }));
}

function protocolFields({ protocols }: Comparison): ComparisonView['protocolFields'] {
  const rowsByProtocol = protocols.map(({ protocol }) => (protocol === null ? [] : protocolRows(protocol)));
  const titles = [...new Set(rowsByProtocol.flatMap((rows) => rows.map(({ title }) => title)))];
  return titles.map((title) => ({
    title,
    values: rowsByProtocol.map((rows) => rows.find((row) => row.title === title)?.value ?? null),
  }));
}
