/** Items that share all their codes. */
import type { CodeTable } from './code-table.ts';
import type { PrefixOrder, Range } from './prefix-order.ts';
import type { Selected } from './selection.ts';

export interface Collisions {
  /** Places in the order, the largest bucket first, equal ones by their codes. */
  buckets: Range[];
  /** How many IDs (not items) a bucket of this many items stands for; sizes from 1 on. */
  sizes: { size: number; buckets: number }[];
  /** Distinct IDs. */
  unique: number;
  /** Items that share their ID with at least one other. */
  colliding: number;
}

/** Of the IDs that at least one selected item has; their buckets are whole. */
export function collisions(table: CodeTable, order: PrefixOrder, { mask }: Selected): Collisions {
  const buckets: Range[] = [];
  const bySize = new Map<number, number>();
  let [unique, colliding] = [0, 0];
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    let chosen = mask === null || mask[order[start]] === 1;
    while (end < order.length && sameId(table, order[start], order[end])) {
      chosen ||= mask?.[order[end]] === 1;
      end++;
    }
    if (chosen) {
      const size = end - start;
      unique++;
      bySize.set(size, (bySize.get(size) ?? 0) + 1);
      if (size > 1) {
        colliding += size;
        buckets.push({ start, end });
      }
    }
    start = end;
  }
  buckets.sort((a, b) => b.end - b.start - (a.end - a.start) || a.start - b.start);
  const sizes = [...bySize]
    .map(([size, count]) => ({ size, buckets: count }))
    .sort((a, b) => a.size - b.size);
  return { buckets, sizes, unique, colliding };
}

function sameId({ codes, levels }: CodeTable, one: number, other: number): boolean {
  for (let level = 0; level < levels; level++) {
    if (codes[one * levels + level] !== codes[other * levels + level]) return false;
  }
  return true;
}
