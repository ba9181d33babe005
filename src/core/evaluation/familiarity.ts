/**
 * How much of a prediction was seen in training: slices of memorisation and of generalisation (Ding et al. 2026,
 * arXiv:2603.19809). A target that followed the user's last item in training can be remembered; any other must be composed.
 */

import type { Interactions } from '../data/types.ts';
import { countText } from '../names.ts';
import type { Partition } from './slices.ts';
import type { UserRanks } from './types.ts';

/** The interactions that were trained on: of user u those from its offset up to `trainEnd[u]` (exclusive). */
export interface TrainedOn {
  data: Pick<Interactions, 'users' | 'items' | 'offsets' | 'itemIds'>;
  trainEnd: Int32Array;
}

type Steps = Pick<UserRanks, 'users' | 'targets'>;

/**
 * [rows] The last item of the history that each target was ranked after; -1 where there was none. A split by time has
 * interactions after the targets, too.
 */
export function itemsBefore(
  { users, historyLengths }: Pick<UserRanks, 'users' | 'historyLengths'>,
  { offsets, itemIds }: TrainedOn['data'],
): Int32Array {
  return Int32Array.from(users, (user, row) =>
    historyLengths[row] > 0 ? itemIds[offsets[user] + historyLengths[row] - 1] : -1,
  );
}

/** Cuts users of an evaluation by their targets and the items before them ({@link itemsBefore}). */
export type PartitionRule = (steps: Steps, last: ArrayLike<number>) => Partition;

/**
 * Users by what training has shown of their last item and their target: one directly after the other; both with one user,
 * in whatever order; or neither. Counted once for all evaluations of one training set.
 */
export function bySeenTransition(trained: TrainedOn): PartitionRule {
  const transitions = new Set<number>();
  forEachTransition(trained, (from, to) => transitions.add(from * trained.data.items + to));
  const usersOf = usersByItem(trained);
  return ({ targets }, last) => ({
    by: 'seen in training',
    slices: [
      ['transition seen', "targets that followed the user's last item in training"],
      ['pair seen', 'targets that one user had with it in training, but not directly after it'],
      ['pair unseen', 'targets that no user had with it in training'],
    ],
    of: (row) => {
      const [from, to] = [last[row], targets[row]];
      if (from < 0) return 'pair unseen';
      if (transitions.has(from * trained.data.items + to)) return 'transition seen';
      return share(usersOf(from), usersOf(to)) ? 'pair seen' : 'pair unseen';
    },
  });
}

/**
 * Users by how much of the target's Semantic ID has followed as much of the last item's in training: a generative model
 * remembers codes where it never saw the items.
 * @param ids codes [items, levels], -1 for items without an ID
 * @param idsOf name of the run that they are of
 */
export function bySeenPrefix(
  trained: TrainedOn,
  { codes, levels }: { codes: ArrayLike<number>; levels: number },
  idsOf: string,
): PartitionRule {
  const prefixes = Array.from({ length: levels }, (_, level) => prefixesOf(codes, levels, level + 1));
  const seen = prefixes.map(({ of, count }) => {
    const found = new Set<number>();
    forEachTransition(trained, (from, to) => found.add(of[from] * count + of[to]));
    return found;
  });
  const name = (depth: number) => countText(depth, 'code');
  const depths = Array.from({ length: levels }, (_, at) => levels - at);
  return ({ targets }, last) => ({
    by: 'seen ID prefix',
    idsOf,
    slices: [
      ...depths.map((depth): [string, string] => [
        name(depth),
        `${depth === levels ? 'whole IDs' : `first ${name(depth)}, and no more,`} of the target seen after as many of the last item`,
      ]),
      ['no code', 'not even the first code was seen after that of the last item'],
    ],
    of: (row) => {
      const [from, to] = [last[row], targets[row]];
      const has = (item: number) => item >= 0 && codes[item * levels] >= 0;
      if (!has(from) || !has(to)) return 'no code';
      const depth = depths.find((one) => {
        const { of, count } = prefixes[one - 1];
        return seen[one - 1].has(of[from] * count + of[to]);
      });
      return depth === undefined ? 'no code' : name(depth);
    },
  });
}

/** Ends the title of a table of slices with the runs whose Semantic IDs cut its users, where some do. */
export function idsNote(slices: readonly Pick<Partition, 'idsOf'>[]): string {
  const runs = new Set(slices.flatMap(({ idsOf }) => idsOf ?? []));
  return runs.size > 0 ? `, IDs of ${[...runs].join(' and ')}` : '';
}

function forEachTransition({ data, trainEnd }: TrainedOn, visit: (from: number, to: number) => void): void {
  const { users, offsets, itemIds } = data;
  for (let user = 0; user < users; user++) {
    for (let at = offsets[user] + 1; at < trainEnd[user]; at++) visit(itemIds[at - 1], itemIds[at]);
  }
}

/** Users with training interactions with an item, ascending; a user who had it n times stands n times. */
function usersByItem({ data, trainEnd }: TrainedOn): (item: number) => Int32Array {
  const { users, items, offsets, itemIds } = data;
  const starts = new Int32Array(items + 1);
  for (let user = 0; user < users; user++) {
    for (let at = offsets[user]; at < trainEnd[user]; at++) starts[itemIds[at] + 1]++;
  }
  for (let item = 0; item < items; item++) starts[item + 1] += starts[item];
  const next = starts.slice();
  const all = new Int32Array(starts[items]);
  for (let user = 0; user < users; user++) {
    for (let at = offsets[user]; at < trainEnd[user]; at++) all[next[itemIds[at]]++] = user;
  }
  return (item) => all.subarray(starts[item], starts[item + 1]);
}

/** Whether two ascending lists have a value in common. */
function share(one: Int32Array, other: Int32Array): boolean {
  let [at, to] = [0, 0];
  while (at < one.length && to < other.length) {
    if (one[at] === other[to]) return true;
    if (one[at] < other[to]) at++;
    else to++;
  }
  return false;
}

/** A number for the first `depth` codes of every item, [items], and how many there are. Items without an ID share one. */
function prefixesOf(
  codes: ArrayLike<number>,
  levels: number,
  depth: number,
): { of: Int32Array; count: number } {
  const numbers = new Map<string, number>();
  const of = new Int32Array(codes.length / levels);
  for (let item = 0; item < of.length; item++) {
    const key = Array.prototype.slice.call(codes, item * levels, item * levels + depth).join();
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    of[item] = number;
  }
  return { of, count: numbers.size };
}
