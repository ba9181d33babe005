/** Ranks of held-out items in the lists of another program: what they say, and what they do not. */
import type { Interactions } from '../../data/types.ts';
import { UserError } from '../../errors.ts';
import type { UserRanks } from '../../evaluation/types.ts';
import type { EvaluationSet } from '../../training/ranking/evaluation-set.ts';
import type { ResultLists } from './read-lists.ts';

/** How the lists stand to the data set's test. */
export interface ListFacts {
  /** Users with a held-out item, and those of them without a list: theirs count as missed. */
  testUsers: number;
  withoutList: number;
  /** Users of the file without a held-out item; their lists are left out. */
  untested: number;
  /** Items of the longest list; null where every candidate of every user is there. */
  listLength: number | null;
  /** Users whose lists are shorter than the longest; what is not in them counts as missed. */
  shorter: number;
  /** Users in whose lists items of their history are. */
  withHistory: number;
  /** Users whose held-out item is in no place that is known. */
  missed: number;
}

/** Length of the lists that are kept. */
const KEPT = 10;

/**
 * The rank of every held-out item: items of an equal score count against it. Where the lists hold every candidate, those of
 * the history are left out as for models of ours; else a list says nothing beyond its length, and `known` is that.
 */
export function rankLists(
  data: Interactions,
  set: EvaluationSet,
  lists: ResultLists,
): { ranks: UserRanks; facts: ListFacts } {
  const at = new Map([...lists.users].map((user, index) => [user, index]));
  const own = set.users.reduce((count, user) => count + Number(at.has(user)), 0);
  if (own === 0) throw new UserError('no user of the file has a held-out item in this data set');
  const lengths = [...set.users].map((user) => lengthOf(lists, at.get(user)));
  const longest = Math.max(...lengths);
  const histories = set.users.map((user, index) => set.historyEnds[index] - data.offsets[user]);
  const isWhole = holdsAll(data, set, lists, at);
  const ranks = new Int32Array(set.users.length);
  const topK = Math.min(KEPT, longest);
  const topItems = new Int32Array(set.users.length * topK).fill(-1);
  const facts: ListFacts = {
    ...{
      testUsers: set.users.length,
      withoutList: set.users.length - own,
      untested: lists.users.length - own,
    },
    ...{ listLength: isWhole ? null : longest, withHistory: 0, missed: 0 },
    shorter: isWhole ? 0 : lengths.filter((length) => length > 0 && length < longest).length,
  };
  for (const [index, user] of set.users.entries()) {
    const history = new Set(data.itemIds.subarray(data.offsets[user], set.historyEnds[index]));
    history.delete(set.targets[index]);
    const items = listOf(lists, at.get(user));
    if (items.some(({ item }) => history.has(item))) facts.withHistory++;
    const ranked = isWhole ? items.filter(({ item }) => !history.has(item)) : items;
    ranks[index] = rankOf(ranked, set.targets[index]) ?? longest + 1;
    if (ranks[index] > longest) facts.missed++;
    ranked.slice(0, topK).forEach(({ item }, place) => {
      topItems[index * topK + place] = item;
    });
  }
  const { split, users, targets } = set;
  const found = { split, users, targets, ranks, historyLengths: histories, topK, topItems };
  return { ranks: { ...found, candidates: data.items, ...(isWhole ? {} : { known: longest }) }, facts };
}

interface Listed {
  item: number;
  score: number | null;
}

function lengthOf({ offsets }: ResultLists, at: number | undefined): number {
  return at === undefined ? 0 : offsets[at + 1] - offsets[at];
}

function listOf({ offsets, items, scores }: ResultLists, at: number | undefined): Listed[] {
  if (at === undefined) return [];
  const listed: Listed[] = [];
  for (let row = offsets[at]; row < offsets[at + 1]; row++)
    listed.push({ item: items[row], score: scores?.[row] ?? null });
  return listed;
}

/** 1-based, behind all of an equal score; undefined where the item is not in the list. */
function rankOf(listed: readonly Listed[], target: number): number | undefined {
  const place = listed.findIndex(({ item }) => item === target);
  if (place < 0) return undefined;
  const { score } = listed[place];
  if (score === null) return place + 1;
  return listed.findLastIndex((other) => other.score === score) + 1;
}

/** Whether every user's list has every candidate, but for items of the history. */
function holdsAll(
  data: Interactions,
  set: EvaluationSet,
  lists: ResultLists,
  at: ReadonlyMap<number, number>,
): boolean {
  return set.users.every((user, index) => {
    const needed =
      data.items - new Set(data.itemIds.subarray(data.offsets[user], set.historyEnds[index])).size;
    if (lengthOf(lists, at.get(user)) < needed) return false;
    const known = new Set(
      listOf(lists, at.get(user)).flatMap(({ item }) => (item >= 0 && item < data.items ? item : [])),
    );
    for (const item of data.itemIds.subarray(data.offsets[user], set.historyEnds[index])) known.add(item);
    return known.size === data.items;
  });
}
