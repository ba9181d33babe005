import type { Split } from '../../data/splits/split.ts';
import type { Interactions } from '../../data/types.ts';
import { UserError } from '../../errors.ts';
import type { EvaluationSplit, UserRanks } from '../../evaluation/types.ts';
import type { ProtocolConfig } from '../config.ts';

/** The users of one evaluation, what the model is given of them, and what it should find. */
export interface EvaluationSet {
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

/** The history of a test target is everything before it, a validation item included. */
export function evaluationSet(split: Split, which: EvaluationSplit): EvaluationSet {
  const users = split.usersWithTargets(which === 'valid' ? 'valid' : 'test');
  const historyEnds = users.map((user) =>
    which === 'valid' ? split.validIndex(user) : split.testIndex(user),
  );
  const targets = historyEnds.map((end) => split.interactions.itemIds[end]);
  return { split: which, users, targets, historyEnds };
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
  if (rankLimit === null) items.delete(set.targets[index]);
  return Int32Array.from(items);
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
    const end = split.testIndex(user);
    const target = data.itemIds[end];
    const set = {
      split: 'test' as const,
      users: Int32Array.of(user),
      targets: Int32Array.of(target),
      historyEnds: Int32Array.of(end),
    };
    return { end, filtered: new Set(filteredItems(data, set, 0, rankingRule(config))), target };
  }
  const end = data.offsets[user + 1];
  return { end, filtered: new Set(data.itemIds.subarray(data.offsets[user], end)), target: null };
}

/** Ranks as the rule counts them. `filters` are the items left out for each user. */
export function limitRanks(
  ranks: Int32Array,
  set: EvaluationSet,
  filters: readonly Int32Array[],
  rankLimit: number | null,
): Int32Array {
  if (rankLimit === null) return ranks;
  return ranks.map((rank, index) =>
    filters[index].includes(set.targets[index]) ? rankLimit + 1 : Math.min(rank, rankLimit + 1),
  );
}

/**
 * The record of a whole evaluation: ranks [users], topItems [users, topK]. Throws UserError for a rank below 1, which is none: a
 * metric would be infinite.
 */
export function userRanks(
  data: Interactions,
  set: EvaluationSet,
  ranks: Int32Array,
  topK: number,
  topItems: Int32Array,
): UserRanks {
  const { split, users, targets } = set;
  const wrong = ranks.findIndex((rank) => rank < 1);
  if (wrong >= 0) {
    throw new UserError(
      `the target of user ${users[wrong]} has the rank ${ranks[wrong]}, which no score of numbers gives; the run has diverged, try a lower learning rate`,
    );
  }
  const historyLengths = set.historyEnds.map((end, i) => end - data.offsets[users[i]]);
  return { split, candidates: data.items, users, targets, ranks, historyLengths, topK, topItems };
}
