import type { LeaveLastOut } from '../data/split.ts';
import type { Interactions } from '../data/types.ts';
import type { EvaluationSplit, UserRanks } from '../evaluation/types.ts';

/** The users of one evaluation, what the model is given of them, and what it should find. */
export interface EvaluationSet {
  split: EvaluationSplit;
  users: Int32Array;
  targets: Int32Array;
  /** End (exclusive) of each evaluated user's history in the interactions, [users.length]. */
  historyEnds: Int32Array;
}

/** The history of a test target is everything before it, the validation item included. */
export function evaluationSet(split: LeaveLastOut, which: EvaluationSplit): EvaluationSet {
  const users = split.usersWithTargets();
  const historyEnds = users.map((user) =>
    which === 'valid' ? split.validIndex(user) : split.testIndex(user),
  );
  const targets = historyEnds.map((end) => split.interactions.itemIds[end]);
  return { split: which, users, targets, historyEnds };
}

/** Distinct items of a user's history without the target, which the filter never removes. */
export function filteredItems(data: Interactions, set: EvaluationSet, index: number): Int32Array {
  const start = data.offsets[set.users[index]];
  const items = new Set(data.itemIds.subarray(start, set.historyEnds[index]));
  items.delete(set.targets[index]);
  return Int32Array.from(items);
}

/** The record of a whole evaluation: ranks [users], topItems [users, topK]. */
export function userRanks(
  data: Interactions,
  set: EvaluationSet,
  ranks: Int32Array,
  topK: number,
  topItems: Int32Array,
): UserRanks {
  const { split, users, targets } = set;
  const historyLengths = set.historyEnds.map((end, i) => end - data.offsets[users[i]]);
  return { split, candidates: data.items, users, targets, ranks, historyLengths, topK, topItems };
}
