import { bootstrapIntervals, resampleMeans } from './bootstrap.ts';
import { type CalibrationBin, equalWidthBins } from './classification.ts';
import { aucInterval, placements } from './delong.ts';
import { type ClickPredictions, clickMetrics, sigmoid } from './predictions.ts';
import type { SliceResult } from './slices.ts';

const GROUPS = 10;
const RESAMPLES = 1000;
/** Draws of one bootstrap; large slices are resampled less often, for their intervals are narrow anyway. */
const MOST_DRAWS = 5e7;

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

/**
 * Metrics of the main task by the item's age (its training rows), by its popularity and by the length of the user's history
 * (the user's training rows), with 95 % intervals: DeLong's of the AUC, BCa bootstrap over rows of the log-loss. The
 * popularity and history groups hold about a tenth and a third of the rows; equal counts are never parted. Slices without
 * rows are left out.
 */
export function clickSlices(predictions: ClickPredictions): SliceResult[] {
  const { itemCounts, userCounts } = predictions;
  const within = (counts: Int32Array, from: number, to: number) =>
    Int32Array.from(counts, (_, at) => at).filter((at) => counts[at] >= from && counts[at] <= to);
  const ages = AGES.map(({ slice, from, to, text }) =>
    sliceOf(predictions, 'item age', slice, `rows of ${text}`, within(itemCounts, from, to)),
  );
  const grouped = (
    by: 'item popularity' | 'history length',
    counts: Int32Array,
    groups: number,
    of: string,
  ) =>
    countBorders(counts, groups).map(({ from, to, first, last }) => {
      const range = from === to ? `${from}` : `${from} to ${to}`;
      const deciles = first === last ? `decile ${first}` : `deciles ${first}–${last}`;
      const name = by === 'item popularity' ? deciles : `history of ${range}`;
      return sliceOf(
        predictions,
        by,
        name,
        `rows of ${of} with ${range} training row${range === '1' ? '' : 's'}`,
        within(counts, from, to),
      );
    });
  return [
    ...ages,
    ...grouped('item popularity', itemCounts, GROUPS, 'items'),
    ...grouped('history length', userCounts, 3, 'users'),
  ].filter(({ users }) => users > 0);
}

/**
 * Borders that part counts (of those from 0 on) into groups of about equal size; groups that equal counts run through are
 * one, from group `first` to group `last`, counted from 1.
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
    last = start === sorted.length ? groups : Math.max(first, Math.round((start * groups) / sorted.length));
    borders.push({ from, to, first, last });
  }
  return borders;
}

function sliceOf(
  predictions: ClickPredictions,
  by: SliceResult['by'],
  slice: string,
  description: string,
  chosen: Int32Array,
): SliceResult {
  const own = selectRows(predictions, chosen);
  const base = { by, slice, description, users: chosen.length, unit: 'rows' as const };
  if (chosen.length === 0) return { ...base, metrics: {} };
  const metrics = clickMetrics({ ...own, tasks: own.tasks.slice(0, 1) });
  return { ...base, metrics, intervals: intervalsOf(own) };
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

/** 95 % intervals of the AUC and the log-loss of the main task; the AUC needs two rows of either class. */
export function intervalsOf({ split, labels, logits }: ClickPredictions): Record<string, [number, number]> {
  const intervals: Record<string, [number, number]> = {};
  const [truth, scores] = [labels[0], logits[0]];
  const positives = truth.reduce((sum, label) => sum + label, 0);
  if (positives > 1 && truth.length - positives > 1) {
    intervals[`${split}/auc`] = aucInterval(placements(truth, scores)).interval;
  }
  if (truth.length > 1) {
    const losses = rowLosses(truth, scores);
    const resamples = Math.max(100, Math.min(RESAMPLES, Math.floor(MOST_DRAWS / losses.length)));
    const [means] = resampleMeans([losses], { resamples, seed: 1 });
    intervals[`${split}/logloss`] = bootstrapIntervals(losses, means).bca;
  }
  return intervals;
}

/** -ln p(label) of every row from its log-odds, in nats. */
export function rowLosses(labels: ArrayLike<number>, logits: ArrayLike<number>): Float64Array {
  return Float64Array.from(logits, (logit, row) => {
    const signed = labels[row] === 1 ? logit : -logit;
    return signed > 0 ? Math.log1p(Math.exp(-signed)) : Math.log1p(Math.exp(signed)) - signed;
  });
}

/** Bins of equal width of the main task's probabilities, for the reliability curve. */
export function reliability({ labels, logits }: ClickPredictions): CalibrationBin[] {
  return equalWidthBins(labels[0], Float64Array.from(logits[0], sigmoid), GROUPS);
}
