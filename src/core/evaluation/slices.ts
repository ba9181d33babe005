import { COLD_BELOW } from '../data/statistics.ts';
import { headItems } from './beyond-accuracy.ts';
import { metricsOfRanks } from './metrics.ts';
import type { UserRanks } from './types.ts';

export type ItemSlice = 'head' | 'torso' | 'tail' | 'cold';
export type HistorySlice = 'short' | 'medium' | 'long';

/** What the slices of an evaluation are cut by. */
export interface SliceBounds {
  /** [items] */
  items: ItemSlice[];
  /** A history of at most `shortMax` is short, one longer than `mediumMax` is long. */
  shortMax: number;
  mediumMax: number;
}

export interface SliceResult {
  by: 'all' | 'item age' | 'item popularity' | 'history length';
  /** Of item popularity and history length of users: an ItemSlice or a HistorySlice. */
  slice: string;
  /** What belongs to it, for example "8 to 20 interactions". */
  description: string;
  /** Users, or rows of a click log, as `unit` says. */
  users: number;
  /** Default: users. */
  unit?: 'rows';
  /** Names such as "test/ndcg@10"; empty where no user is in the slice. */
  metrics: Record<string, number>;
  /** 95 % intervals of some of the metrics. */
  intervals?: Record<string, [number, number]>;
  /** Standard deviations over seeds (n - 1), where the metrics are means of several. */
  spreads?: Record<string, number>;
}

/**
 * Slice of every item by its training interactions, [items]. Cold: fewer than 5. Of the others, most popular first and
 * equal ones by lower id, the head is the smallest set that holds half of all interactions, the torso the following
 * ones up to 80 %, the tail the rest.
 */
export function itemSlices(popularity: ArrayLike<number>): ItemSlice[] {
  const head = headItems(popularity, 0.5);
  const upper = headItems(popularity, 0.8);
  return Array.from(popularity, (count, item) => {
    if (count < COLD_BELOW) return 'cold';
    if (head[item]) return 'head';
    return upper[item] ? 'torso' : 'tail';
  });
}

/** Bounds of the history slices: the lower and upper tercile of the lengths of the evaluated users. */
export function historyBounds(lengths: ArrayLike<number>): { shortMax: number; mediumMax: number } {
  const sorted = Int32Array.from(lengths).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { shortMax: at(1 / 3), mediumMax: at(2 / 3) };
}

/** Bounds for one evaluation, from the items' training interactions and the users' histories. */
export function sliceBounds(
  ranks: Pick<UserRanks, 'historyLengths'>,
  popularity: ArrayLike<number>,
): SliceBounds {
  return { items: itemSlices(popularity), ...historyBounds(ranks.historyLengths) };
}

/** The ranking metrics of every slice: users by the popularity of their target, and by the length of their history. */
export function sliceMetrics(
  ranks: Pick<UserRanks, 'split' | 'ranks' | 'targets' | 'historyLengths'>,
  bounds: SliceBounds,
  cutoffs?: readonly number[],
): SliceResult[] {
  const { items, shortMax, mediumMax } = bounds;
  const lengthSlice = (length: number): HistorySlice => {
    if (length <= shortMax) return 'short';
    return length <= mediumMax ? 'medium' : 'long';
  };
  const select = (
    by: SliceResult['by'],
    slice: ItemSlice | HistorySlice,
    description: string,
    belongs: (user: number) => boolean,
  ): SliceResult => {
    const chosen = ranks.ranks.filter((_, user) => belongs(user));
    const values = chosen.length > 0 ? metricsOfRanks(chosen, cutoffs) : {};
    const metrics = Object.fromEntries(
      Object.entries(values).map(([name, value]) => [`${ranks.split}/${name}`, value]),
    );
    return { by, slice, description, users: chosen.length, metrics };
  };
  const itemTexts: [ItemSlice, string][] = [
    ['head', 'targets among the most popular items with 50 % of interactions'],
    ['torso', 'targets among the next items, up to 80 % of interactions'],
    ['tail', 'targets among the remaining items'],
    ['cold', `targets with fewer than ${COLD_BELOW} training interactions`],
  ];
  const lengthTexts: [HistorySlice, string][] = [
    ['short', `histories of at most ${shortMax}`],
    ['medium', `histories of ${shortMax + 1} to ${mediumMax}`],
    ['long', `histories of more than ${mediumMax}`],
  ];
  return [
    ...itemTexts.map(([slice, text]) =>
      select('item popularity', slice, text, (user) => items[ranks.targets[user]] === slice),
    ),
    ...lengthTexts.map(([slice, text]) =>
      select('history length', slice, text, (user) => lengthSlice(ranks.historyLengths[user]) === slice),
    ),
  ];
}
