/** The items below a prefix as tiles in blocks: a block a code, a tile an item or, of many, a pair of codes. */
import type { CodeTable, Labels } from './code-table.ts';
import { forEachCode, type PrefixOrder, prefixRange, type Range } from './prefix-order.ts';
import { mostFrequent } from './strips.ts';

/** From so many items on, a tile is a pair of codes: single ones could not be seen. */
export const PAIRS_FROM = 30_000;
/** Tiles that a block of pairs has room for; those of the fewest items are left out. */
export const PAIRS_SHOWN = 256;

/** Tiles by block; within a block by the code that follows, or of pairs from the most items down. */
export interface MapTiles {
  /** Whether a tile is a pair of codes. */
  byPair: boolean;
  /** [codes + 1] the first tile of each block, and their number. */
  starts: number[];
  /** The code that follows that of the block; -1 where none does. */
  next: number[];
  /** The item of the tile; of a pair how many there are. */
  items: number[];
  interactions: number[];
  /** How many items have the ID of the tile's item; of a pair how many of its items share theirs. */
  shared: number[];
  /** Index of the category, of a pair the commonest; -1 where none is known. */
  kinds: number[];
}

/** What tiles are made of. */
export interface TileSource {
  table: CodeTable;
  order: PrefixOrder;
  /** [items with an ID] by place in the order, how many items have that ID. */
  sharing: Int32Array;
  /** [items] */
  popularity: Int32Array;
  labels: Labels | null;
}

/** How many items have the ID at each place of the order, given where IDs begin in it. */
export function sharingOf(starts: Int32Array): Int32Array {
  const sharing = new Int32Array(starts.length > 0 ? starts[starts.length - 1] : 0);
  for (let bucket = 0; bucket + 1 < starts.length; bucket++) {
    sharing.fill(starts[bucket + 1] - starts[bucket], starts[bucket], starts[bucket + 1]);
  }
  return sharing;
}

/** The tiles of the codes that follow a prefix. */
export function mapTiles(source: TileSource, root: readonly number[], pairsFrom = PAIRS_FROM): MapTiles {
  const { table, order } = source;
  const level = root.length;
  const within = prefixRange(table, order, root);
  const byPair = within.end - within.start >= pairsFrom && level + 1 < table.levels;
  const tiles: MapTiles = {
    ...{ byPair, starts: [], next: [], items: [], interactions: [], shared: [], kinds: [] },
  };
  const beginUntil = (code: number) => {
    while (tiles.starts.length <= code) tiles.starts.push(tiles.items.length);
  };
  forEachCode(table, order, within, level, (code, block) => {
    beginUntil(code);
    if (byPair) addPairs(tiles, source, block, level + 1);
    else addItems(tiles, source, block, level + 1);
  });
  beginUntil(table.codebookSizes[level]);
  return tiles;
}

function addItems(tiles: MapTiles, source: TileSource, { start, end }: Range, level: number): void {
  const { table, order, sharing, popularity, labels } = source;
  for (let at = start; at < end; at++) {
    const item = order[at];
    tiles.items.push(item);
    tiles.next.push(level < table.levels ? table.codes[item * table.levels + level] : -1);
    tiles.interactions.push(popularity[item]);
    tiles.shared.push(sharing[at]);
    tiles.kinds.push(labels ? labels.of[item] : -1);
  }
}

function addPairs(tiles: MapTiles, source: TileSource, block: Range, level: number): void {
  const { table, order } = source;
  const pairs: { code: number; range: Range }[] = [];
  forEachCode(table, order, block, level, (code, range) => pairs.push({ code, range }));
  const size = ({ range }: (typeof pairs)[number]) => range.end - range.start;
  pairs.sort((a, b) => size(b) - size(a) || a.code - b.code);
  for (const { code, range } of pairs.slice(0, PAIRS_SHOWN)) {
    const { items, interactions, shared, kind } = sumsOf(source, range);
    tiles.items.push(items);
    tiles.next.push(code);
    tiles.interactions.push(interactions);
    tiles.shared.push(shared);
    tiles.kinds.push(kind);
  }
}

/** What the items of a range of the order are together. */
export function sumsOf({ order, sharing, popularity, labels }: TileSource, { start, end }: Range) {
  const byKind = new Int32Array(labels?.names.length ?? 0);
  let [interactions, shared] = [0, 0];
  for (let at = start; at < end; at++) {
    const item = order[at];
    interactions += popularity[item];
    if (sharing[at] > 1) shared++;
    if (labels && labels.of[item] >= 0) byKind[labels.of[item]]++;
  }
  return { items: end - start, interactions, shared, kind: mostFrequent(byKind).index, byKind };
}

/** The curve of a level's codes by use, from the most used down, in at most so many steps. */
export function useCurve(counts: Int32Array, steps = 64): number[] {
  const sorted = counts.toSorted().reverse();
  const shown = Math.min(steps, sorted.length);
  return Array.from({ length: shown }, (_, at) => sorted[Math.floor((at * sorted.length) / shown)]);
}

/**
 * What first codes are like where they have no vectors: the shares of the categories of their items and, a little less, of
 * their second codes. [codes, categories + second codes]
 */
export function codeFeatures({ codes, levels, items, codebookSizes }: CodeTable, labels: Labels | null) {
  const kinds = labels?.names.length ?? 0;
  const second = levels > 1 ? codebookSizes[1] : 0;
  const dim = Math.max(1, kinds + second);
  const data = new Float32Array(codebookSizes[0] * dim);
  const counts = new Int32Array(codebookSizes[0]);
  for (let item = 0; item < items; item++) {
    const code = codes[item * levels];
    if (code < 0) continue;
    counts[code]++;
    if (labels && labels.of[item] >= 0) data[code * dim + labels.of[item]] += 1;
    if (second > 0) data[code * dim + kinds + codes[item * levels + 1]] += SECOND_WEIGHT;
  }
  for (let at = 0; at < data.length; at++) data[at] /= Math.max(1, counts[Math.floor(at / dim)]);
  return { items: codebookSizes[0], dim, data };
}

const SECOND_WEIGHT = 0.5;
