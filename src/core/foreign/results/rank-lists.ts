/** Ranks of held-out items in the lists of another program: what they say, and what they do not. */
import type { Interactions } from '../../data/types.ts';
import { UserError } from '../../errors.ts';
import type { UserRanks } from '../../evaluation/types.ts';
import { LIST_LENGTH } from '../../training/ranking/context.ts';
import {
  type EvaluationSet,
  filteredItems,
  type RankingRule,
  userRanks,
} from '../../training/ranking/evaluation-set.ts';
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

/**
 * The rank of every held-out item: items of an equal score count against it. Where the lists hold every candidate, what is none is
 * left out as for models of ours; else a list says nothing beyond its length, and `known` is that.
 */
export function rankLists(
  data: Interactions,
  set: EvaluationSet,
  lists: ResultLists,
  rule: RankingRule,
): { ranks: UserRanks; facts: ListFacts } {
  const at = new Map([...lists.users].map((user, index) => [user, index]));
  const lengths = [...set.users].map((user) => lengthOf(lists, at.get(user)));
  const own = lengths.filter((length) => length > 0).length;
  if (own === 0) throw new UserError('no user of the file has a held-out item in this data set');
  const longest = lengths.reduce((most, length) => Math.max(most, length));
  const histories = lengths.map((_, index) => new Set(filteredItems(data, set, index, rule)));
  const isWhole = lengths.every((_, index) =>
    holdsAll(data.items, listOf(lists, at.get(set.users[index])), histories[index]),
  );
  const topK = Math.min(LIST_LENGTH, longest);
  const topItems = new Int32Array(set.users.length * topK).fill(-1);
  const facts: ListFacts = {
    testUsers: set.users.length,
    withoutList: set.users.length - own,
    untested: lists.users.length - own,
    listLength: isWhole ? null : longest,
    shorter: isWhole ? 0 : lengths.filter((length) => length > 0 && length < longest).length,
    withHistory: 0,
    missed: 0,
  };
  const ranks = set.users.map((user, index) => {
    const items = listOf(lists, at.get(user));
    const candidates = items.filter(({ item }) => !histories[index].has(item));
    if (candidates.length < items.length) facts.withHistory++;
    const ranked = isWhole ? candidates : items;
    ranked.slice(0, topK).forEach(({ item }, place) => {
      topItems[index * topK + place] = item;
    });
    const rank = rankOf(ranked, set.targets[index]);
    if (rank === undefined) facts.missed++;
    return rank ?? longest + 1;
  });
  const measured = userRanks(data, set, ranks, topK, topItems);
  return { ranks: isWhole ? measured : { ...measured, known: longest }, facts };
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

/** Whether a list has every candidate. */
function holdsAll(items: number, listed: readonly Listed[], history: ReadonlySet<number>): boolean {
  if (listed.length < items - history.size) return false;
  const found = new Set(history);
  for (const { item } of listed) if (item >= 0 && item < items) found.add(item);
  return found.size === items;
}
