/** The items most like one: by their vectors, and by their Semantic IDs. */
import { type CodeTable, hasId } from './code-table.ts';
import { type PrefixOrder, prefixRange } from './prefix-order.ts';
import { squaredDistance, type Vectors } from './residuals.ts';

export interface Neighbour {
  item: number;
  /** Codes it shares from the first on. */
  shared: number;
  /** Euclidean distance of the vectors; NaN without vectors. */
  distance: number;
}

/** The k items with the nearest vectors. Items of equal distance come in their order. */
export function nearestByVector(table: CodeTable, vectors: Vectors, item: number, k: number): Neighbour[] {
  const best = new Best(k);
  for (let other = 0; other < vectors.items; other++) {
    if (other !== item && hasId(table, other)) best.offer(other, distanceOf(vectors, item, other));
  }
  return best.list().map(({ item: other, key }) => ({
    item: other,
    shared: sharedPrefix(table, item, other),
    distance: Math.sqrt(key),
  }));
}

/**
 * The k items whose IDs share the longest prefix; among equally long ones those with the nearest vectors, or without
 * vectors in their order.
 */
export function nearestByPrefix(
  table: CodeTable,
  order: PrefixOrder,
  vectors: Vectors | null,
  item: number,
  k: number,
): Neighbour[] {
  const itemCodes = [...table.codes.subarray(item * table.levels, (item + 1) * table.levels)];
  const found: Neighbour[] = [];
  let inner = { start: 0, end: 0 };
  for (let depth = table.levels; depth >= 0 && found.length < k; depth--) {
    const outer = prefixRange(table, order, itemCodes.slice(0, depth));
    const best = new Best(k - found.length);
    for (let at = outer.start; at < outer.end; at++) {
      if (at === inner.start) at = inner.end;
      if (at >= outer.end) break;
      const other = order[at];
      if (other !== item) best.offer(other, vectors ? distanceOf(vectors, item, other) : 0);
    }
    for (const { item: other, key } of best.list()) {
      found.push({ item: other, shared: depth, distance: vectors ? Math.sqrt(key) : Number.NaN });
    }
    inner = outer;
  }
  return found;
}

/** How many codes two IDs have in common from the first on. */
export function sharedPrefix({ codes, levels }: CodeTable, one: number, other: number): number {
  let depth = 0;
  while (depth < levels && codes[one * levels + depth] === codes[other * levels + depth]) depth++;
  return depth;
}

const distanceOf = ({ data, dim }: Vectors, one: number, other: number) =>
  squaredDistance(data, one * dim, data, other * dim, dim);

/** The k items with the smallest keys, of equal keys those that came first. */
class Best {
  readonly #k: number;
  readonly #found: { item: number; key: number }[] = [];

  constructor(k: number) {
    this.#k = k;
  }

  offer(item: number, key: number): void {
    const found = this.#found;
    if (found.length === this.#k && (this.#k === 0 || key >= found[found.length - 1].key)) return;
    let at = found.length;
    while (at > 0 && found[at - 1].key > key) at--;
    found.splice(at, 0, { item, key });
    if (found.length > this.#k) found.pop();
  }

  list(): { item: number; key: number }[] {
    return this.#found;
  }
}
