/** The paper of a plan, from the runs that it has so far. */
import { codeVersion } from '../../../../core/code-version.ts';
import { baselinesOfRows } from '../../../../core/documents/comparison/rows/baseline-words.ts';
import type { ReportDocument } from '../../../../core/documents/document.ts';
import type { PaperBlock, PaperRow } from '../../../../core/documents/paper/blocks.ts';
import { type Paper, paperDocument } from '../../../../core/documents/paper/paper-document.ts';
import { writeDocument } from '../../../../core/documents/writers/write.ts';
import type { ComparedSlice } from '../../../../core/evaluation/paired/types.ts';
import type { PracticalRequest } from '../../../../core/evaluation/practical/index.ts';
import { keyWords } from '../../../../core/names.ts';
import { type PaperPart, type PaperStyle, SLICES } from '../../../../core/plans/choices.ts';
import { baselineOf } from '../../../../core/plans/expand-plan.ts';
import type { SweepQuestion } from '../../../../core/store/home/study-spec.ts';
import type { Store } from '../../../../core/store/store.ts';
import type { WorkContext } from '../../../workers/progress.ts';
import { compared } from '../comparisons.ts';
import { slicesOfRows } from '../slices.ts';
import type { ResultState } from './plan-results.ts';
import type { PlanFile } from './plan-rows.ts';
import { sourceTitle } from './plan-sources.ts';
import { type BlockState, divergedSource, doneRuns, type RowState, sourcesOf } from './plan-state.ts';
import { divergedOf, missingOf } from './plan-takes.ts';

export interface PlanSoFar {
  written: PlanFile;
  state: readonly BlockState[];
  results: readonly ResultState[];
}

/** Its blocks are those of which something has completed. */
export async function planPaper(
  store: Store,
  { written, state, results }: PlanSoFar,
  context: WorkContext<unknown> = {},
): Promise<Paper> {
  const { plan } = written;
  const blocks: PaperBlock[] = [];
  for (const [at, block] of state.entries()) {
    const own = results.filter((result) => result.block === at);
    const found = await paperBlock(store, written, block, own, context);
    if (found) blocks.push(found);
  }
  const base = baselineOf(plan);
  const rows = rowsOf(state, results, blocks);
  const problems = results.flatMap(({ entry, runs, problem }) => {
    if (runs.length > 0) return problem ?? [];
    const place = `${written.file}:${written.lineOf(['results', entry])}: `;
    return problem ?? `${place}${plan.results[entry].file}: not measured yet`;
  });
  const diverged = divergedOf(state);
  return {
    ...{ title: plan.plan, blocks, rows, label: plan.paper.label, caption: plan.paper.caption },
    without: plan.paper.without,
    baseline: base === null ? null : (rows.find(({ key }) => key === modelKey(base))?.name ?? null),
    facts: {
      version: codeVersion(),
      seeds: plan.seeds,
      searched: searches(state),
      builtOn: builtOn(state),
      diverged,
      otherVersions: versionsUsed(store, state),
    },
    missing: [...missingOf(store, state), ...problems],
    diverged: diverged.flatMap(({ lines }) => lines),
  };
}

export const documentOfPlan = (
  paper: Paper,
  style: PaperStyle,
  without?: readonly PaperPart[],
): ReportDocument => paperDocument(paper, style, without);

/** The document in one style, as text. */
export function planFile(document: ReportDocument, style: PaperStyle, standalone: boolean): string {
  if (style === 'markdown') return writeDocument(document, 'md');
  if (style === 'csv') return writeDocument(document, 'csv');
  return writeDocument(document, 'latex', { style, standalone });
}

export const modelKey = (entry: number) => `model ${entry}`;
const resultKey = (entry: number, part: string | null) => `result ${entry} ${part ?? ''}`;

function practicalOf({ rope, power }: PlanFile['plan']): PracticalRequest | undefined {
  return rope || power !== undefined ? { rope, power } : undefined;
}

/** Null where nothing of it has completed. */
async function paperBlock(
  store: Store,
  { plan }: PlanFile,
  block: BlockState,
  results: readonly ResultState[],
  context: WorkContext<unknown>,
): Promise<PaperBlock | null> {
  const keyOf = new Map<string, string>();
  const labels: Record<string, string> = {};
  for (const row of block.rows)
    for (const run of doneRuns(row)) {
      keyOf.set(run, modelKey(row.entry));
      labels[run] = row.name;
    }
  for (const { entry, name, runs } of results) {
    const hasModels = new Set(runs.map(({ model }) => model)).size > 1;
    for (const { id, model, config } of runs) {
      keyOf.set(id, resultKey(entry, model));
      const fold = config?.fold === undefined ? null : `fold ${config.fold}`;
      if (name !== null) labels[id] = [name, hasModels ? model : null, fold].filter(Boolean).join(', ');
    }
  }
  const ids = [...keyOf.keys()];
  if (ids.length === 0) return null;
  const base = block.rows.find(({ entry }) => entry === baselineOf(plan));
  const [baseline = null] = base ? doneRuns(base) : [];
  const records = ids.map((id) => store.runs.get(id));
  const comparison = await compared(
    store,
    { baseline, metrics: plan.metrics, names: 'short', labels, practical: practicalOf(plan) },
    records,
    { signal: context.signal },
  );
  const { slices: wanted } = plan.tables[block.table];
  const kinds: readonly ComparedSlice['by'][] = wanted.map((name) => SLICES[name]);
  const slices =
    kinds.length === 0
      ? undefined
      : (await slicesOfRows(store, comparison.rows, baselinesOfRows(comparison))).map((all) =>
          all.filter(({ by }) => kinds.includes(by)),
        );
  const pending = block.rows
    .filter((row) => doneRuns(row).length === 0)
    .map((row) => [modelKey(row.entry), isOver(row) ? 'diverged' : 'to come'] as const);
  return {
    ...{ dataset: block.dataset.name, split: block.title },
    comparison: { ...comparison, slices },
    keys: ownKeys(comparison.rows.map(({ runs: [{ id }] }) => keyOf.get(id) ?? id)),
    pending: new Map(pending),
  };
}

/** A file of folds, or of seeds that are no numbers, is several rows of one model. */
const ownKeys = (keys: readonly string[]): string[] =>
  keys.map((key, at) => {
    const before = keys.slice(0, at).filter((other) => other === key).length;
    return before === 0 ? key : `${key}${ROW}${before + 1}`;
  });
const ROW = '\nrow ';

/** Whether nothing of a row without values is trained by itself. */
const isOver = (row: RowState): boolean =>
  divergedSource(row) !== null ||
  row.searched?.hasDiverged === true ||
  (row.runs.length > 0 && row.runs.every(({ match }) => match.state === 'diverged'));

/** In the order of the plan: its models, then results of other programs. */
function rowsOf(
  state: readonly BlockState[],
  results: readonly ResultState[],
  blocks: readonly PaperBlock[],
): PaperRow[] {
  const rows = new Map<string, PaperRow>();
  const models = state.flatMap((block) => block.rows).toSorted((a, b) => a.entry - b.entry);
  const isTuned = models.some(({ searched }) => searched !== null);
  for (const { entry, name, searched } of models) {
    const key = modelKey(entry);
    const made = [...(rows.get(key)?.trials ?? []), ...(searched ? [searched.trials.total] : [])];
    rows.set(key, { key, name, trials: made.length > 0 ? made : isTuned ? null : undefined });
  }
  for (const { entry, runs } of results)
    for (const model of new Set(runs.map((run) => run.model)))
      for (const { comparison, keys } of blocks)
        for (const [at, key] of keys.entries())
          if (key.split(ROW)[0] === resultKey(entry, model) && !rows.has(key))
            rows.set(key, { key, name: comparison.rows[at].name, trials: isTuned ? null : undefined });
  return [...rows.values()];
}

const SEARCHES: Record<SweepQuestion['search'], string> = {
  grid: 'grid search',
  random: 'random search',
  tpe: 'TPE (tree-structured Parzen estimators)',
};

/** Of each model that is tuned, once. */
function searches(state: readonly BlockState[]): Paper['facts']['searched'] {
  const tuned = state.flatMap(({ rows }) =>
    rows.flatMap(({ name, search, searched }) => (search && searched ? [{ name, search, searched }] : [])),
  );
  return [...Map.groupBy(tuned, ({ name }) => name)].map(([name, found]) => {
    const [{ search }] = found;
    return {
      name,
      trials: found.flatMap(({ searched }) => (searched.chosen ? [searched.trials.total] : [])),
      by: SEARCHES[search.sweep.search] + (search.sweep.asha ? ' with early stopping (ASHA)' : ''),
      over: search.sweep.vary.map(({ key }) => keyWords(key)),
    };
  });
}

/** Those of every split and data set that are called the same, once. */
function builtOn(state: readonly BlockState[]): NonNullable<Paper['facts']['builtOn']> {
  const all = state.flatMap((block) => sourcesOf(block));
  const alike = Map.groupBy(all, ({ source }) => `${sourceTitle(source)} ${source.seed}`);
  return [...alike.values()].map((found) => ({
    names: [...new Set(found.flatMap(({ rows }) => rows))],
    on: sourceTitle(found[0].source),
    seed: found[0].source.seed,
  }));
}

function versionsUsed(store: Store, state: readonly BlockState[]): Paper['facts']['otherVersions'] {
  const ours = codeVersion();
  const matches = state.flatMap((block) => [
    ...sourcesOf(block).map(({ source }) => source.match),
    ...block.rows.flatMap(({ runs }) => runs.map(({ match }) => match)),
  ]);
  const used = new Map(
    matches.flatMap((match) => (match.state === 'done' ? [[match.run, match.versions]] : [])),
  );
  return [...used]
    .filter(([, versions]) => versions.some((version) => version !== ours))
    .map(([run, versions]) => ({ name: store.runs.get(run).name, version: versions.join(', then ') }));
}
