/** From the sequences of a beam to a list of items and the rank of a target in it. */
import type { BeamLevel } from '../../traced-decoding.ts';
import { type Catalogue, itemsUnder, unseenItemsWithPrefix } from '../code-tokens.ts';

export interface ItemList {
  /** Dense items, best first. */
  items: number[];
  /** By place: the place (from 0) after the last item of the same ID, which is the rank that its items have. */
  ranks: number[];
  /** By place: summed log-probability of the ID, or of the one whose prefix an unseen item shares. */
  scores: number[];
}

export interface ListOptions {
  /** Items that are no candidates of the user. */
  filtered: ReadonlySet<number>;
  /** Of the first n places at most n times this share, rounded up, are for unseen items. */
  coldShare: number;
}

/**
 * The items of one row's beams (of the last level, `width` of them from `from` on). Items of one ID follow each other by
 * their number. Hidden items join with the first sequence that was generated with their prefix, all tokens but the last:
 * those of the sequence itself first, then by number; they wait while their share is used up.
 */
export function listOf(
  levels: readonly BeamLevel[],
  from: number,
  width: number,
  catalogue: Catalogue,
  { filtered, coldShare }: ListOptions,
): ItemList {
  const { nodes, scores } = levels[levels.length - 1];
  const { search, unseen } = catalogue;
  const list: ItemList = { items: [], ranks: [], scores: [] };
  const waiting: { item: number; score: number }[] = [];
  // Whoever joins is found by prefix, sequence by sequence; at the first is its place.
  const joined = new Set<number>();
  let cold = 0;
  const place = (items: number[], score: number) => {
    list.items.push(...items);
    for (let i = 0; i < items.length; i++) {
      list.ranks.push(list.items.length);
      list.scores.push(score);
    }
  };
  const placeUnseen = () => {
    while (cold < Math.ceil(coldShare * (list.items.length + 1))) {
      const next = waiting.shift();
      if (!next) return;
      place([next.item], next.score);
      cold++;
    }
  };
  for (let beam = from; beam < from + width; beam++) {
    const score = scores[beam];
    if (score === Number.NEGATIVE_INFINITY) continue;
    const named = nodes[beam] < 0 ? [] : itemsUnder(search, levels.length, nodes[beam]);
    const joining = unseen ? new Set(unseenInBeam(levels, beam, named, catalogue)) : null;
    place(
      named.filter((item) => !filtered.has(item) && !joining?.has(item)),
      score,
    );
    if (!joining) continue;
    for (const item of joining) {
      if (!joined.has(item) && !filtered.has(item)) waiting.push({ item, score });
      joined.add(item);
    }
    placeUnseen();
  }
  return list;
}

/** The hidden items with the prefix of a sequence of the last level; first those that it is the ID of. */
function unseenInBeam(
  levels: readonly BeamLevel[],
  beam: number,
  named: readonly number[],
  catalogue: Catalogue,
): number[] {
  const depth = levels.length - 1;
  const prefix = depth === 0 ? 0 : levels[depth - 1].nodes[levels[depth].parents[beam]];
  if (prefix < 0) return [];
  const alike = unseenItemsWithPrefix(catalogue, itemsUnder(catalogue.search, depth, prefix)[0]);
  return [...named.filter((item) => alike.includes(item)), ...alike];
}

/** Rank of the target in the list, from 1, or null where it is not in it. */
export function rankOf({ items, ranks }: ItemList, target: number): number | null {
  const place = items.indexOf(target);
  return place < 0 ? null : ranks[place];
}

/** Place, from 1, of the first item with the target's first `count` tokens; null where there is none. */
export function tokenRankIn(
  { items }: ItemList,
  target: number,
  { tokens }: Catalogue,
  count: number,
): number | null {
  const width = tokens.levels.sizes.length;
  const all = tokens.tokens;
  if (all[target * width] === 0) return null;
  const alike = (item: number) => {
    for (let level = 0; level < count; level++) {
      if (all[item * width + level] !== all[target * width + level]) return false;
    }
    return true;
  };
  const place = items.findIndex(alike);
  return place < 0 ? null : place + 1;
}

/**
 * The level, from 0, at which no beam has the target's prefix any more; the number of levels where its whole ID is
 * among the beams.
 */
export function firstDivergence(
  levels: readonly BeamLevel[],
  row: number,
  width: number,
  target: ArrayLike<number>,
): number {
  let alive = [row];
  for (const [level, { tokens, parents, scores }] of levels.entries()) {
    const next: number[] = [];
    for (let beam = row * width; beam < (row + 1) * width; beam++) {
      if (scores[beam] === Number.NEGATIVE_INFINITY || tokens[beam] !== target[level]) continue;
      if (alive.includes(parents[beam])) next.push(beam);
    }
    if (next.length === 0) return level;
    alive = next;
  }
  return levels.length;
}
