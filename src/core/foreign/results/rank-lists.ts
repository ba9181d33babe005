/** Ranks of held-out items in the lists of another program: what they say, and what they do not. */
import type { Interactions } from '../../data/types.ts';
import { UserError } from '../../errors.ts';
import { type UserRanks, WHOLE } from '../../evaluation/types.ts';
import { mostCommon } from '../../math/information.ts';
import { countText } from '../../names.ts';
import { LIST_LENGTH } from '../../training/ranking/context.ts';
import {
  type EvaluationSet,
  filteredItems,
  limitedRank,
  type RankingRule,
  rowsOfList,
  userRanks,
} from '../../training/ranking/evaluation-set.ts';
import { FIRST_USERS, type ResultLists, type UserList, type UsersBehind } from './lists.ts';

/** How the lists stand to the data set's test. */
export interface ListFacts {
  /** Users with a held-out item, and those of them without a list: theirs count as missed. */
  testUsers: number;
  withoutList: number;
  /** Users of the file without a held-out item; their lists are left out. */
  untested: number;
  /** Items of the longest list; null where every candidate of every listed user is there. */
  listLength: number | null;
  /** Users whose lists are shorter than the longest and do not hold all their candidates; unknown beyond their ends. */
  shorter: number;
  /** Users in whose lists items of their history are. */
  withHistory: number;
  /** Those of them whose list has not all their candidates: the places that the history took are lost to it. */
  lostPlaces?: number;
  /** Held-out items that are not in the list of their user, who has one. */
  missed: number;
  /** Candidates in each list where they are a sample. */
  sampled?: number;
}

/** What the lists of a file are of: all candidates, a sample of them with the held-out item, or nobody has said. */
export type ListedCandidates = 'all' | 'sampled' | null;

/** One user in the loop over all. */
interface Listed {
  hasList: boolean;
  rank: number;
  found: boolean;
  whole: boolean;
  hasHistory: boolean;
}

/**
 * The rank of every held-out item, decided user by user: items of the history leave the list (but for the held-out one, where the rule
 * spares it), and items of an equal score count against it. A list that then holds every candidate is whole. Any other says nothing
 * beyond the length that it was given, and a held-out item that is not in it has the next rank. A user without a list has the last
 * one. Throws UserError where no listed user is tested, and where lists look like samples of which nobody has said that they are.
 */
export function rankLists(
  data: Interactions,
  set: EvaluationSet,
  lists: ResultLists,
  rule: RankingRule,
  candidates: ListedCandidates,
): { ranks: UserRanks; facts: ListFacts; behind: Partial<Record<keyof UsersBehind, number[]>> } {
  const at = new Map([...lists.users].map((user, index) => [user, index]));
  const tested = new Set(set.users);
  const marks = new Uint32Array(data.items);
  const topItems = new Int32Array(set.users.length * LIST_LENGTH).fill(-1);
  const lengths = new Int32Array(set.users.length);
  const listed = Array.from(set.users, (user, index): Listed => {
    const place = at.get(user);
    const found = place === undefined ? null : lists.list(place);
    const list = found?.items.length ? found : null;
    const filter = filteredItems(data, set, index, rule);
    for (const item of filter) marks[item] = index + 1;
    lengths[index] = list?.items.length ?? 0;
    const isFiltered = (item: number) => item >= 0 && item < marks.length && marks[item] === index + 1;
    const top = topItems.subarray(index * LIST_LENGTH, (index + 1) * LIST_LENGTH);
    const one = rankIn(
      list,
      set.targets[index],
      { isFiltered, candidates: data.items - filter.length, most: data.items },
      top,
    );
    return { ...one, rank: limitedRank(one.rank, isFiltered(set.targets[index]), rule) };
  });
  // Of several targets in one list, the first row stands for its user.
  const users = listed
    .map((one, index) => ({ ...one, length: lengths[index] }))
    .filter((_, index) => rowsOfList(set, index)[0] === index);
  const own = Int32Array.from(users, ({ length }) => length).filter((length) => length > 0);
  if (own.length === 0) throw new UserError('no user of the file has a held-out item in this data set');
  const sampled = candidates === 'all' ? null : sampleSize(own, users, data.items);
  if (sampled !== null && candidates === null) throw looksSampled(sampled);
  const isSample = candidates === 'sampled';
  const longest = own.reduce((most, length) => Math.max(most, length));
  const isKnown = ({ hasList, whole }: Listed, index: number) =>
    hasList && (isSample || whole || (rule.rankLimit !== null && lengths[index] >= rule.rankLimit));
  const isShorter = ({ hasList, whole }: Listed, index: number) =>
    !isSample && hasList && !whole && lengths[index] < longest;
  const withoutHeldOut = lists.users.filter((user) => !tested.has(user));
  const facts: ListFacts = {
    testUsers: tested.size,
    withoutList: tested.size - own.length,
    untested: withoutHeldOut.length,
    listLength: listed.every(({ hasList, whole }) => !hasList || whole) ? null : longest,
    shorter: isSample
      ? 0
      : users.filter(({ hasList, whole, length }) => hasList && !whole && length < longest).length,
    withHistory: users.filter(({ hasHistory }) => hasHistory).length,
    lostPlaces: isSample ? 0 : users.filter(({ hasHistory, whole }) => hasHistory && !whole).length,
    missed: listed.filter(({ hasList, found }) => hasList && !found).length,
    ...(isSample ? { sampled: mostCommon(own) } : {}),
  };
  const ranks = Int32Array.from(listed, ({ rank }) => rank);
  const topK = Math.min(LIST_LENGTH, longest);
  const measured = userRanks(data, set, ranks, topK, cut(topItems, topK));
  const first = (isOne: (one: Listed, index: number) => boolean) =>
    [...new Set(set.users.filter((_, index) => isOne(listed[index], index)))].slice(0, FIRST_USERS);
  const behind = {
    withList: first(({ hasList }) => hasList),
    withoutList: first(({ hasList }) => !hasList),
    untested: [...withoutHeldOut.subarray(0, FIRST_USERS)],
    shorter: first(isShorter),
    withHistory: first(({ hasHistory }) => hasHistory),
    missed: first(({ hasList, found }) => hasList && !found),
  };
  listed.forEach((one, index) => {
    if (isKnown(one, index)) lengths[index] = WHOLE;
  });
  const isAllKnown = lengths.every((length) => length === WHOLE);
  const counted = facts.sampled === undefined ? measured : { ...measured, candidates: facts.sampled };
  return { ranks: isAllKnown ? counted : { ...counted, lengths }, facts, behind };
}

interface Candidates {
  isFiltered(item: number): boolean;
  /** How many there are, and what their dense ids are less than. */
  candidates: number;
  most: number;
}

/** Fills `top` with the best items, best first. */
function rankIn(
  list: UserList | null,
  target: number,
  { isFiltered, candidates, most }: Candidates,
  top: Int32Array,
): Listed {
  if (list === null)
    return { hasList: false, rank: Math.max(1, candidates), found: false, whole: false, hasHistory: false };
  const { items, scores } = list;
  const place = items.indexOf(target);
  const found = place >= 0 && !isFiltered(target);
  const score = scores[place];
  const best = new Float64Array(top.length);
  let [left, known, ahead, kept] = [0, 0, 0, 0];
  for (let at = 0; at < items.length; at++) {
    if (isFiltered(items[at])) continue;
    left++;
    if (items[at] >= 0 && items[at] < most) known++;
    if (scores[at] >= score) ahead++;
    if (kept < top.length || scores[at] > best[kept - 1]) {
      let to = kept < top.length ? kept++ : kept - 1;
      for (; to > 0 && best[to - 1] < scores[at]; to--) {
        top[to] = top[to - 1];
        best[to] = best[to - 1];
      }
      top[to] = items[at];
      best[to] = scores[at];
    }
  }
  const whole = known >= candidates;
  return {
    hasList: true,
    rank: found ? ahead : items.length + 1,
    found,
    whole,
    hasHistory: left < items.length,
  };
}

/** [users, LIST_LENGTH] → [users, length] */
function cut(topItems: Int32Array, length: number): Int32Array {
  return length === LIST_LENGTH ? topItems : topItems.filter((_, at) => at % LIST_LENGTH < length);
}

/** Of 100 users those that must look alike for lists to look like samples. */
const ALIKE = 0.99;

/** The length of lists that look like samples of the candidates with the held-out item among them; null for others. */
function sampleSize(lengths: Int32Array, listed: readonly Listed[], items: number): number | null {
  const size = mostCommon(lengths);
  const enough = ALIKE * lengths.length;
  const alike = lengths.filter((length) => length === size).length;
  const found = listed.filter(({ found }) => found).length;
  return alike >= enough && found >= enough && size < items / 2 ? size : null;
}

function looksSampled(size: number): UserError {
  const problem = `nearly every list has ${countText(size, 'item')} and the held-out one among them, as where it is ranked among sampled candidates`;
  const fix = {
    cli: 'say --candidates sampled, or --candidates all where all candidates were ranked',
    window: 'choose what the lists were ranked among',
  };
  return new UserError({ code: 'invalid', problem, fix });
}
