import { meanInterval } from './bootstrap.ts';
import {
  type CalibrationBin,
  calibrationErrors,
  equalCountBins,
  equalWidthBins,
  FEWEST_IN_BIN,
  rowLosses,
} from './classification.ts';
import { clustersOf, valuesOfClusters } from './clusters.ts';
import { aucInterval, canBeTested, meanPlacements, placementClusters, placements } from './delong.ts';
import { mean, meanColumns } from './metrics.ts';
import { type ClickPredictions, clickMetrics, sigmoid } from './predictions.ts';
import { standardDeviation } from './significance.ts';
import type { SliceResult } from './slices.ts';

const GROUPS = 10;
const RESAMPLES = 1000;
/** Draws of one bootstrap; large slices are resampled less often, for their intervals are narrow anyway. */
const MAX_DRAWS = 5e7;

/** Training rows at which an item's age changes its slice. */
const AGES: readonly { slice: string; from: number; to: number; text: string }[] = [
  { slice: 'unseen', from: 0, to: 0, text: 'items without a training row' },
  { slice: '1 to 9', from: 1, to: 9, text: 'items with 1 to 9 training rows' },
  { slice: '10 to 99', from: 10, to: 99, text: 'items with 10 to 99 training rows' },
  {
    slice: '100 and more',
    from: 100,
    to: Number.POSITIVE_INFINITY,
    text: 'items with 100 training rows or more',
  },
];

/** Rows that belong together, by their place among the predictions. */
export interface ClickSlice extends Pick<SliceResult, 'by' | 'slice' | 'description'> {
  members: Int32Array;
}

/**
 * All rows, and parts of them: by the item's age (its training rows), by its popularity and by the length of the user's
 * history (the user's training rows). The popularity and history groups hold about a tenth and a third of the rows; equal
 * counts are never parted. Slices without rows are left out.
 */
export function clickSlices({
  itemCounts,
  userCounts,
}: Pick<ClickPredictions, 'itemCounts' | 'userCounts'>): ClickSlice[] {
  const within = (counts: Int32Array, from: number, to: number) =>
    Int32Array.from(counts, (_, at) => at).filter((at) => counts[at] >= from && counts[at] <= to);
  const ages = AGES.map(({ slice, from, to, text }): ClickSlice => {
    return {
      by: 'item age',
      slice,
      description: `rows of ${text}`,
      members: within(itemCounts, from, to),
    };
  });
  const grouped = (
    by: 'item popularity' | 'history length',
    counts: Int32Array,
    groups: number,
    of: string,
  ) =>
    countBorders(counts, groups).map(({ from, to, first, last }): ClickSlice => {
      const range = from === to ? `${from}` : `${from} to ${to}`;
      const deciles = first === last ? `decile ${first}` : `deciles ${first}–${last}`;
      return {
        by,
        slice: by === 'item popularity' ? deciles : `history of ${range}`,
        description: `rows of ${of} with ${range} training row${range === '1' ? '' : 's'}`,
        members: within(counts, from, to),
      };
    });
  const all = { by: 'all', slice: 'all rows', description: 'every row' } as const;
  return [
    { ...all, members: Int32Array.from(itemCounts, (_, at) => at) },
    ...ages,
    ...grouped('item popularity', itemCounts, GROUPS, 'items'),
    ...grouped('history length', userCounts, 3, 'users'),
  ].filter(({ members }) => members.length > 0);
}

/**
 * Borders between groups of about equal size, of all counts from 0 on. Groups that equal counts would split are merged: such a
 * group spans `first` to `last`, numbered from 1.
 */
function countBorders(
  counts: Int32Array,
  groups: number,
): { from: number; to: number; first: number; last: number }[] {
  const sorted = counts.filter((count) => count >= 0).sort();
  const borders: { from: number; to: number; first: number; last: number }[] = [];
  let last = 0;
  for (let start = 0; start < sorted.length; ) {
    const first = last + 1;
    const to = sorted[Math.max(start, Math.ceil((first * sorted.length) / groups) - 1)];
    const from = sorted[start];
    while (start < sorted.length && sorted[start] <= to) start++;
    // Rows that are left keep a group for themselves, however few they are.
    const reached = Math.min(groups - 1, Math.max(first, Math.round((start * groups) / sorted.length)));
    last = start === sorted.length ? groups : reached;
    borders.push({ from, to, first, last });
  }
  return borders;
}

/**
 * Metrics of the main task in a slice: means over the seeds of one model, whose predictions are of the same rows. The 95 %
 * intervals are of those means over rows: what a row adds is averaged over the seeds first. DeLong's of the AUC, BCa
 * bootstrap of the log-loss and, since the entropy of the labels is fixed, of the normalised entropy.
 */
export function measureSlice(seeds: readonly ClickPredictions[], slice: ClickSlice): SliceResult {
  const { members, ...named } = slice;
  const sliced = seeds.map((seed) => selectRows(seed, members));
  const each = sliced.map((seed) => clickMetrics({ ...seed, tasks: seed.tasks.slice(0, 1) }));
  const metrics = Object.fromEntries(
    Object.keys(each[0]).map((name) => [name, mean(each.map((seed) => seed[name]))]),
  );
  return {
    ...named,
    users: members.length,
    unit: 'rows',
    metrics,
    intervals: intervalsOf(sliced, metrics),
    ...(each.length > 1 ? { spreads: spreadsOf(each) } : {}),
  };
}

/** Standard deviation over seeds (n - 1) of every metric. */
function spreadsOf(seeds: readonly Record<string, number>[]): Record<string, number> {
  return Object.fromEntries(
    Object.keys(seeds[0]).map((name) => [
      name,
      standardDeviation(Float64Array.from(seeds, (seed) => seed[name])),
    ]),
  );
}

/** The same predictions of some of the rows, by their place. */
export function selectRows(predictions: ClickPredictions, chosen: Int32Array): ClickPredictions {
  const pick = (values: Int32Array) => Int32Array.from(chosen, (at) => values[at]);
  const { labels, logits } = predictions;
  return {
    ...predictions,
    rows: pick(predictions.rows),
    users: pick(predictions.users),
    items: pick(predictions.items),
    itemCounts: pick(predictions.itemCounts),
    userCounts: pick(predictions.userCounts),
    labels: labels.map((values) => Uint8Array.from(chosen, (at) => values[at])),
    logits: logits.map((values) => Float32Array.from(chosen, (at) => values[at])),
  };
}

/** The AUC needs two rows of either class, or users with such. `metrics` are the means over the seeds. */
function intervalsOf(
  seeds: readonly ClickPredictions[],
  metrics: Record<string, number>,
): Record<string, [number, number]> {
  const [{ split, labels, users }] = seeds;
  const byUser = clustersOf(users);
  const intervals: Record<string, [number, number]> = {};
  const auc = meanPlacements(seeds.map((seed) => placements(seed.labels[0], seed.logits[0])));
  const clusters = byUser && placementClusters(labels[0], byUser);
  if (canBeTested(auc, clusters)) {
    intervals[`${split}/auc`] = aucInterval(auc, { clusters }).interval;
  }
  if (labels[0].length > 1) {
    const losses = meanColumns(seeds.map((seed) => rowLosses(seed.labels[0], seed.logits[0])));
    const resamples = Math.max(100, Math.min(RESAMPLES, Math.floor(MAX_DRAWS / losses.length)));
    const [low, high] = meanInterval(byUser ? valuesOfClusters(losses, byUser) : losses, resamples);
    intervals[`${split}/logloss`] = [low, high];
    const entropy = metrics[`${split}/logloss`] / metrics[`${split}/ne`];
    if (Number.isFinite(entropy)) intervals[`${split}/ne`] = [low / entropy, high / entropy];
  }
  return intervals;
}

/** The reliability curve of the main task: at most ten bins of as many rows each, so that rare clicks have more than one. */
export function reliability({ labels, logits }: ClickPredictions): CalibrationBin[] {
  const bins = Math.max(1, Math.min(GROUPS, Math.floor(labels[0].length / FEWEST_IN_BIN)));
  return equalCountBins(labels[0], Float64Array.from(logits[0], sigmoid), bins);
}

/** Expected and largest calibration error of the main task, by bins of equal width. */
export function reliabilityErrors({ labels, logits }: ClickPredictions): {
  expected: number;
  maximum: number;
} {
  return calibrationErrors(
    equalWidthBins(labels[0], Float64Array.from(logits[0], sigmoid), GROUPS),
    FEWEST_IN_BIN,
  );
}
