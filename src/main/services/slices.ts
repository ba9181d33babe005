import { existsSync } from 'node:fs';
import type { ReliabilityCurve, SliceComparison } from '../../core/api/compare.ts';
import { openInteractions } from '../../core/data/read.ts';
import { leaveLastOut } from '../../core/data/split.ts';
import { calibrationErrors } from '../../core/evaluation/classification.ts';
import { clickSlices, reliability } from '../../core/evaluation/click-slices.ts';
import { mean } from '../../core/evaluation/metrics.ts';
import { type SliceResult, sliceBorders, sliceMetrics } from '../../core/evaluation/slices.ts';
import { countItems } from '../../core/models/popularity.ts';
import { groupRuns } from '../../core/reports/rows.ts';
import type { Store } from '../../core/store/store.ts';
import type { RunRecord } from '../../core/store/types.ts';
import { comparedRuns, runPredictions } from './compared-runs.ts';

/** Cut-offs shown of every slice. */
const SLICE_CUTOFFS = [10, 50];

/** Training interactions of each item, by data set and split: runs that are compared mostly share them. */
type Popularities = Map<string, ArrayLike<number>>;

/**
 * The test metrics of a run by the popularity of the target and by the length of the history, from its
 * stored ranks. Empty where the run has none or its data set has been deleted.
 */
export async function runSlices(
  store: Store,
  run: RunRecord,
  known: Popularities = new Map(),
): Promise<SliceResult[]> {
  if (run.protocol?.task === 'ranking') {
    const predictions = runPredictions(store, run);
    return predictions ? clickSlices(predictions) : [];
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
  return sliceMetrics(ranks, sliceBorders(ranks, popularity), SLICE_CUTOFFS);
}

async function trainPopularity(folder: string, validation: boolean): Promise<ArrayLike<number>> {
  const data = await openInteractions(folder);
  const trainEnd = leaveLastOut(data, { validation }).trainEnds();
  return countItems({ interactions: data, trainEnd });
}

/** Slices of the rows of a comparison, in the order of the runs; a row without ranks has none. */
export async function comparedSlices(store: Store, runs: readonly string[]): Promise<SliceComparison[]> {
  const known: Popularities = new Map();
  const withResults = runs.filter((id) => Object.keys(store.runs.get(id).metrics).length > 0);
  const rows: SliceComparison[] = [];
  for (const group of groupRuns(comparedRuns(store, withResults, false))) {
    const seeds: SliceResult[][] = [];
    for (const { id } of group.runs) seeds.push(await runSlices(store, store.runs.get(id), known));
    rows.push({ id: group.runs[0].id, slices: meanOfSeeds(seeds.filter(({ length }) => length > 0)) });
  }
  return rows;
}

/** Seeds of one row are evaluated on the same users, so that their slices are the same ones. */
function meanOfSeeds(seeds: readonly SliceResult[][]): SliceResult[] {
  const [first = []] = seeds;
  return first.map((slice, at) => {
    const { intervals } = slice;
    return {
      ...slice,
      metrics: Object.fromEntries(
        Object.keys(slice.metrics).map((name) => [name, mean(seeds.map((seed) => seed[at].metrics[name]))]),
      ),
      ...(intervals ? { intervals: meanIntervals(seeds.map((seed) => seed[at].intervals ?? {})) } : {}),
    };
  });
}

/** Seeds of a row err alike on its rows of data, so that the mean of their intervals is not narrower than one. */
function meanIntervals(seeds: readonly Record<string, [number, number]>[]): Record<string, [number, number]> {
  const names = Object.keys(seeds[0]).filter((name) => seeds.every((seed) => name in seed));
  const end = (name: string, side: 0 | 1) => mean(seeds.map((seed) => seed[name][side]));
  return Object.fromEntries(names.map((name) => [name, [end(name, 0), end(name, 1)]]));
}

/** How the probabilities of ranking runs compare with what was clicked, one curve a run that keeps predictions. */
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
