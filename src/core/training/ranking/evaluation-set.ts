import type { Split } from '../../data/splits/split.ts';
import type { Interactions } from '../../data/types.ts';
import { diverged } from '../../evaluation/diverged.ts';
import { distinctUsers } from '../../evaluation/metrics.ts';
import { drawnUsers } from '../../evaluation/samples.ts';
import type { EvaluationSplit, UserRanks } from '../../evaluation/types.ts';
import type { ProtocolConfig } from '../config.ts';

/** The users of one evaluation, what the model is given of them, and what it should find: a row a user, or a target. */
export interface EvaluationSet extends Pick<UserRanks, 'several'> {
  split: EvaluationSplit;
  users: Int32Array;
  targets: Int32Array;
  /** End (exclusive) of each evaluated user's history in the interactions, [users.length]. */
  historyEnds: Int32Array;
}

/** Which items are excluded, and the rank cap. */
export interface RankingRule {
  historyFilter: 'all' | 'window' | 'none';
  /** Most recent interactions that the filter `window` spans. */
  historyWindow: number;
  /**
   * Larger ranks, and those of targets that the filter removes, count as one more. Null: every rank counts, and the
   * filter never removes the target.
   */
  rankLimit: number | null;
}

export function rankingRule({ historyFilter, historyWindow, rankLimit }: ProtocolConfig): RankingRule {
  return { historyFilter, historyWindow, rankLimit: rankLimit === 0 ? null : rankLimit };
}

type Tested = Partial<Pick<ProtocolConfig, 'targets' | 'testUsers'>>;

/** The users whom an evaluation is of: all with a target, or as many of those with a test target as the config says. */
export function evaluatedUsers(
  split: Split,
  which: EvaluationSplit,
  { testUsers = 0 }: Tested = {},
): Int32Array {
  return which === 'valid'
    ? split.usersWithTargets('valid')
    : drawnUsers(split.usersWithTargets('test'), testUsers);
}

/**
 * The history of a test target is everything before it, a validation item included; of all targets of a user in one list, everything
 * before the first one. An item that a user has more than once among these is one target. `among`: in place of these users.
 */
export function evaluationSet(
  split: Split,
  which: EvaluationSplit,
  config: Tested = {},
  among: Int32Array = evaluatedUsers(split, which, config),
): EvaluationSet {
  const part = which === 'valid' ? 'valid' : 'test';
  const { targets: wanted = 'first' } = config;
  const { itemIds } = split.interactions;
  const first = (user: number) => (part === 'valid' ? split.validIndex(user) : split.testIndex(user));
  if (wanted === 'first') {
    const historyEnds = among.map(first);
    return { split: which, users: among, targets: historyEnds.map((end) => itemIds[end]), historyEnds };
  }
  const rows = Array.from(among, (user) => {
    const [begin, end] = [first(user), split.heldOutEnd(user, part)];
    const isNew = (at: number) =>
      wanted === 'successive' || !itemIds.subarray(begin, at).includes(itemIds[at]);
    const places = Int32Array.from({ length: end - begin }, (_, at) => begin + at).filter(isNew);
    return { user, begin, places };
  });
  const column = (value: (row: (typeof rows)[number], at: number) => number) =>
    Int32Array.from(rows.flatMap((row) => Array.from(row.places, (at) => value(row, at))));
  return {
    split: which,
    several: wanted,
    users: column(({ user }) => user),
    targets: column((_, at) => itemIds[at]),
    historyEnds: column(({ begin }, at) => (wanted === 'all' ? begin : at)),
  };
}

/** The rows of a user's targets that stand in one list with the one of this row: from, to (exclusive). */
export function rowsOfList({ users, several }: EvaluationSet, row: number): [from: number, to: number] {
  let [from, to] = [row, row + 1];
  if (several !== 'all') return [from, to];
  while (from > 0 && users[from - 1] === users[row]) from--;
  while (to < users.length && users[to] === users[row]) to++;
  return [from, to];
}

/** Distinct items that are no candidates for a user. */
export function filteredItems(
  data: Interactions,
  set: EvaluationSet,
  index: number,
  { historyFilter, historyWindow, rankLimit }: RankingRule,
): Int32Array {
  if (historyFilter === 'none') return new Int32Array(0);
  const end = set.historyEnds[index];
  const start = data.offsets[set.users[index]];
  const from = historyFilter === 'window' ? Math.max(start, end - historyWindow) : start;
  const items = new Set(data.itemIds.subarray(from, end));
  const [first, last] = rowsOfList(set, index);
  if (rankLimit === null) for (const target of set.targets.subarray(first, last)) items.delete(target);
  return Int32Array.from(items);
}

/** Whether no row before this one has its list. */
export function isNewList({ users, several }: EvaluationSet, row: number): boolean {
  return several !== 'all' || row === 0 || users[row] !== users[row - 1];
}

/** What a list for one user is made from. */
export interface ListBasis {
  /** End (exclusive) of the history in the interactions. */
  end: number;
  /** Items that are no candidates. */
  filtered: ReadonlySet<number>;
  /** The held-out item that the list is to find, or null. */
  target: number | null;
}

/** The users who have a list: those with a test item, or for what comes next all with a history. */
export function listedUsers({ data, split }: { data: Interactions; split: Split }, place: 'test' | 'next') {
  if (place === 'test') return split.usersWithTargets('test');
  const all = Int32Array.from({ length: data.users }, (_, user) => user);
  return all.filter((user) => data.offsets[user + 1] > data.offsets[user]);
}

/**
 * Of a list in which the test item was to be found, the history before it and the candidates of the protocol; of one for
 * what comes next, or where the user has no test item, the whole history, whose items are no candidates.
 */
export function listBasis(
  { data, split }: { data: Interactions; split: Split },
  config: ProtocolConfig,
  { user, place }: { user: number; place: 'test' | 'next' },
): ListBasis {
  if (place === 'test' && split.hasTargets(user)) {
    const set = evaluationSet(split, 'test', config, Int32Array.of(user));
    const filtered = new Set(filteredItems(data, set, 0, rankingRule(config)));
    return { end: set.historyEnds[0], filtered, target: set.targets[0] };
  }
  const end = data.offsets[user + 1];
  return { end, filtered: new Set(data.itemIds.subarray(data.offsets[user], end)), target: null };
}

/** A target's rank as the rule counts it. `isFiltered`: whether it is no candidate of its list. */
export function limitedRank(rank: number, isFiltered: boolean, { rankLimit }: RankingRule): number {
  if (rankLimit === null) return rank;
  return isFiltered ? rankLimit + 1 : Math.min(rank, rankLimit + 1);
}

/**
 * The record of a whole evaluation: ranks [rows], topItems [rows, topK]. Throws UserError for a rank below 1, which is none: a
 * metric would be infinite.
 */
export function userRanks(
  data: Interactions,
  set: EvaluationSet,
  ranks: Int32Array,
  topK: number,
  topItems: Int32Array,
): UserRanks {
  const { split, several, users, targets } = set;
  const wrong = ranks.findIndex((rank) => rank < 1);
  if (wrong >= 0) {
    throw diverged(
      `the target of user ${users[wrong]} has the rank ${ranks[wrong]}, which no score of numbers gives`,
    );
  }
  const historyLengths = set.historyEnds.map((end, i) => end - data.offsets[users[i]]);
  // The list of all is with the first.
  if (several === 'all')
    for (const row of users.keys()) if (!isNewList(set, row)) topItems.fill(-1, row * topK, (row + 1) * topK);
  return {
    ...{ split, ...(several ? { several } : {}), candidates: data.items },
    ...{ users, targets, ranks, historyLengths, topK, topItems },
  };
}

/** What one list took of the time since a moment of `performance.now`; null of no list. */
export function secondsOfList(since: number, ranks: UserRanks): number | null {
  const lists = ranks.several === 'all' ? distinctUsers(ranks).length : ranks.users.length;
  return lists > 0 ? (performance.now() - since) / 1000 / lists : null;
}
