import { existsSync } from 'node:fs';
import type { ReliabilityCurve, SliceComparison } from '../../core/api/compare.ts';
import { countItems } from '../../core/data/item-counts.ts';
import { openInteractions } from '../../core/data/read.ts';
import { leaveLastOut } from '../../core/data/split.ts';
import { calibrationErrors } from '../../core/evaluation/classification.ts';
import { clickSlices, measureSlice, reliability } from '../../core/evaluation/click-slices.ts';
import { mean } from '../../core/evaluation/metrics.ts';
import { type SliceResult, sliceBounds, sliceMetrics } from '../../core/evaluation/slices.ts';
import { groupRuns } from '../../core/reports/rows.ts';
import { compareClickSlices } from '../../core/reports/slices.ts';
import type { ComparedRun, ComparedSlice } from '../../core/reports/types.ts';
import type { Store } from '../../core/store/store.ts';
import type { RunRecord } from '../../core/store/types.ts';
import { comparedRuns, runPredictions } from './compared-runs.ts';

/** Cut-offs shown for every slice. */
const SLICE_CUTOFFS = [10, 50];

/** Training interactions per item, by data set and split: compared runs mostly share them. */
type Popularities = Map<string, ArrayLike<number>>;

/**
 * The test metrics of a run by the popularity of the target and by the length of the history, from its
 * stored ranks. Empty if the run has none or its data set has been deleted.
 */
export async function runSlices(
  store: Store,
  run: RunRecord,
  known: Popularities = new Map(),
): Promise<SliceResult[]> {
  if (run.protocol?.task === 'ranking') {
    const predictions = runPredictions(store, run);
    return predictions ? clickSlices(predictions).map((slice) => measureSlice([predictions], slice)) : [];
  }
  const ranks = store.ranks.read(run.id, 'test');
  const folder = run.dataset.id === null ? null : store.datasets.folder(run.dataset.id);
  if (!ranks || !folder || !existsSync(folder)) return [];
  const { protocol } = run;
  if (protocol?.task !== undefined) return [];
  const validation = protocol?.split !== 'leave-last-out-without-validation';
  const key = `${folder} ${validation}`;
  const popularity = known.get(key) ?? (await trainPopularity(folder, validation));
  known.set(key, popularity);
  return sliceMetrics(ranks, sliceBounds(ranks, popularity), SLICE_CUTOFFS);
}

async function trainPopularity(folder: string, validation: boolean): Promise<ArrayLike<number>> {
  const data = await openInteractions(folder);
  const trainEnd = leaveLastOut(data, { validation }).trainEnds();
  return countItems(data, trainEnd);
}

/**
 * Slices of the rows of a comparison, in the order of the runs; a row without ranks or predictions has none. Rows of click
 * predictions have intervals over all their seeds and, beside a baseline (the id of one of its runs), differences.
 */
export async function comparedSlices(
  store: Store,
  runs: readonly string[],
  baseline: string | null = null,
): Promise<SliceComparison[]> {
  const withResults = runs.filter((id) => Object.keys(store.runs.get(id).metrics).length > 0);
  const rows = groupRuns(comparedRuns(store, withResults, false));
  const base = rows.findIndex((row) => row.runs.some(({ id }) => id === baseline));
  const slices = await slicesOfRows(store, rows, base < 0 ? null : base);
  return rows.map((row, at) => ({ id: row.runs[0].id, slices: slices[at] }));
}

/** The same for rows that are already read, aligned with them; `baseline` is an index into them. */
export async function slicesOfRows(
  store: Store,
  rows: readonly { runs: readonly ComparedRun[] }[],
  baseline: number | null,
): Promise<ComparedSlice[][]> {
  const known: Popularities = new Map();
  const clicks = compareClickSlices(rows, baseline);
  const result: ComparedSlice[][] = [];
  for (const [at, { runs }] of rows.entries()) {
    if (runs[0].protocol?.task === 'ranking') {
      result.push(clicks[at]);
      continue;
    }
    const seeds: SliceResult[][] = [];
    for (const { id } of runs) seeds.push(await runSlices(store, store.runs.get(id), known));
    result.push(meanOfSeeds(seeds.filter(({ length }) => length > 0)));
  }
  return result;
}

/** Means over seeds, which are evaluated on the same users and so have the same slices. */
function meanOfSeeds(seeds: readonly SliceResult[][]): SliceResult[] {
  const [first = []] = seeds;
  return first.map((slice, at) => ({
    ...slice,
    metrics: Object.fromEntries(
      Object.keys(slice.metrics).map((name) => [name, mean(seeds.map((seed) => seed[at].metrics[name]))]),
    ),
  }));
}

/** Reliability curves of ranking runs, one for every run with stored predictions. */
export function reliabilityCurves(store: Store, runs: readonly string[]): ReliabilityCurve[] {
  return runs.flatMap((id) => {
    const predictions = runPredictions(store, store.runs.get(id));
    if (!predictions) return [];
    const bins = reliability(predictions);
    return [
      { id, task: predictions.tasks[0], rows: predictions.rows.length, bins, ...calibrationErrors(bins) },
    ];
  });
}
