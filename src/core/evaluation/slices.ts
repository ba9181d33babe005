import { COLD_BELOW } from '../data/statistics.ts';
import { headItems } from './beyond-accuracy.ts';
import { distinctUsers, pickRows, rankMetrics } from './metrics.ts';
import type { UserRanks } from './types.ts';

export type ItemSlice = 'head' | 'torso' | 'tail' | 'cold';

/** One way to cut the users of an evaluation into slices; every user is in one. */
export interface Partition {
  by: SliceResult['by'];
  /** In the order in which they are shown, with what belongs to them. */
  slices: readonly (readonly [slice: string, description: string])[];
  /** The slice of a row of the ranks. */
  of: (row: number) => string;
  /** Name of the run whose Semantic IDs cut the users, where some do. */
  idsOf?: string;
}

export interface SliceResult {
  by:
    | 'all'
    | 'item age'
    | 'item popularity'
    | 'history length'
    | 'new in time'
    | 'seen in training'
    | 'seen ID prefix';
  slice: string;
  /** What belongs to it, for example "8 to 20 interactions". */
  description: string;
  /** Name of the run whose Semantic IDs cut the users, where some do. */
  idsOf?: string;
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

/**
 * Users by the popularity of their target. `popularity`: training interactions, [items]; `hidden`: 1 where an item was
 * hidden from training, [items].
 */
export function byPopularity(
  { targets }: Pick<UserRanks, 'targets'>,
  popularity: ArrayLike<number>,
  hidden: Uint8Array | null = null,
): Partition {
  const items = itemSlices(popularity);
  return {
    by: 'item popularity',
    slices: [
      ['head', 'targets among the most popular items with 50 % of interactions'],
      ['torso', 'targets among the next items, up to 80 % of interactions'],
      ['tail', 'targets among the remaining items'],
      ['cold', `targets with fewer than ${COLD_BELOW} training interactions`],
      ...(hidden ? ([['hidden', 'targets hidden from training']] as const) : []),
    ],
    of: (row) => (hidden?.[targets[row]] ? 'hidden' : items[targets[row]]),
  };
}

/** Users by the length of their history: the lower, middle and upper third of those evaluated. */
export function byHistory({ historyLengths }: Pick<UserRanks, 'historyLengths'>): Partition {
  const sorted = Int32Array.from(historyLengths).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  const [shortMax, mediumMax] = [at(1 / 3), at(2 / 3)];
  return {
    by: 'history length',
    slices: [
      ['short', `histories of at most ${shortMax}`],
      ['medium', `histories of ${shortMax + 1} to ${mediumMax}`],
      ['long', `histories of more than ${mediumMax}`],
    ],
    of: (row) => {
      if (historyLengths[row] <= shortMax) return 'short';
      return historyLengths[row] <= mediumMax ? 'medium' : 'long';
    },
  };
}

/**
 * Users by what of a target training, which ended before it, has seen: neither the user nor the item, one of them, or both. `popularity`: training
 * interactions, [items].
 */
export function byNewness(
  { users, targets }: Pick<UserRanks, 'users' | 'targets'>,
  popularity: ArrayLike<number>,
  wasTrained: (user: number) => boolean,
): Partition {
  return {
    by: 'new in time',
    slices: [
      ['both known', 'users and targets with training interactions'],
      ['new user', 'users without a training interaction, targets with some'],
      ['new item', 'targets without a training interaction, users with some'],
      ['both new', 'users and targets without a training interaction'],
    ],
    of: (row) => {
      const isNewItem = popularity[targets[row]] === 0;
      if (wasTrained(users[row])) return isNewItem ? 'new item' : 'both known';
      return isNewItem ? 'both new' : 'new user';
    },
  };
}

/** A slice and the rows of the ranks that are in it. */
export interface SliceRows extends Pick<SliceResult, 'by' | 'slice' | 'description' | 'idsOf'> {
  rows: Int32Array;
}

/** The slices of every partition of so many rows. */
export function sliceRows(count: number, partitions: readonly Partition[]): SliceRows[] {
  return partitions.flatMap(({ slices, of, ...kind }) => {
    const members = new Map(slices.map(([slice]): [string, number[]] => [slice, []]));
    for (let row = 0; row < count; row++) members.get(of(row))?.push(row);
    return slices.map(([slice, description]) => {
      const rows = Int32Array.from(members.get(slice) ?? []);
      return { ...kind, slice, description, rows };
    });
  });
}

/** The ranking metrics of every slice. */
export function sliceMetrics(
  ranks: Pick<UserRanks, 'split' | 'several' | 'users' | 'targets' | 'ranks' | 'lengths'>,
  slices: readonly SliceRows[],
  cutoffs?: readonly number[],
): SliceResult[] {
  return slices.map(({ rows, ...slice }): SliceResult => {
    const chosen = pickRows(ranks, rows);
    const metrics = rows.length > 0 ? rankMetrics(chosen, cutoffs) : {};
    return { ...slice, users: distinctUsers(chosen).length, metrics };
  });
}
