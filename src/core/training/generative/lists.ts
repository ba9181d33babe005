/** From the sequences of a beam to a list of items and the rank of a target in it. */
import type { BeamLevel } from './beam-search.ts';
import type { Catalogue } from './catalogue.ts';

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
 * The items of one row's beams (the last level's, `width` of them from `from` on). Items of one ID follow each other by
 * their number. Unseen items join where their prefix, all tokens but the last, was generated, and wait while their share
 * is used up.
 */
export function listOf(
  { nodes, scores }: BeamLevel,
  from: number,
  width: number,
  catalogue: Catalogue,
  { filtered, coldShare }: ListOptions,
): ItemList {
  const { trie, generated, unseen } = catalogue;
  const list: ItemList = { items: [], ranks: [], scores: [] };
  const waiting: { item: number; score: number }[] = [];
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
    if (nodes[beam] < 0 || scores[beam] === Number.NEGATIVE_INFINITY) continue;
    const own = Array.from(trie.tuples(trie.levels, nodes[beam]), (tuple) => generated[tuple]);
    place(
      own.filter((item) => !filtered.has(item)),
      scores[beam],
    );
    if (!unseen) continue;
    for (const item of unseenLike(catalogue, own[0])) {
      if (!joined.has(item) && !filtered.has(item)) waiting.push({ item, score: scores[beam] });
      joined.add(item);
    }
    placeUnseen();
  }
  return list;
}

/** The unseen items that share an item's prefix. */
function unseenLike({ tokens, unseen }: Catalogue, item: number): number[] {
  if (!unseen) return [];
  const width = tokens.levels.sizes.length;
  const prefix = tokens.tokens.subarray(item * width, (item + 1) * width - 1);
  const node = unseen.trie.find(prefix);
  return node < 0 ? [] : Array.from(unseen.trie.tuples(width - 1, node), (tuple) => unseen.items[tuple]);
}

/** Rank of the target in the list, from 1, or null where it is not in it. */
export function rankIn({ items, ranks }: ItemList, target: number): number | null {
  const place = items.indexOf(target);
  return place < 0 ? null : ranks[place];
}

/** Place, from 1, of the first item that has the target's tokens but the last; null where there is none. */
export function prefixRankIn({ items }: ItemList, target: number, { tokens }: Catalogue): number | null {
  const width = tokens.levels.sizes.length;
  const all = tokens.tokens;
  if (all[target * width] === 0) return null;
  const alike = (item: number) => {
    for (let level = 0; level < width - 1; level++) {
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
