/** Items that share all their codes. */
import type { CodeTable } from './code-table.ts';
import type { PrefixOrder, Range } from './prefix-order.ts';
import type { Selection } from './selection.ts';

/** Where each distinct ID begins in the order, and last where the order ends: [distinct IDs + 1]. */
export function bucketStarts({ codes, levels }: CodeTable, order: PrefixOrder): Int32Array {
  const starts = new Int32Array(order.length + 1);
  let count = 0;
  for (let at = 0; at < order.length; at++) {
    const [item, before] = [order[at] * levels, at > 0 ? order[at - 1] * levels : -1];
    let level = 0;
    while (before >= 0 && level < levels && codes[item + level] === codes[before + level]) level++;
    if (level < levels) starts[count++] = at;
  }
  starts[count] = order.length;
  return starts.slice(0, count + 1);
}

export interface Collisions {
  /** Places in the order, the largest bucket first, equal ones by their codes. */
  buckets: Range[];
  /** How many IDs have so many items; sizes from 1 on. */
  sizes: { size: number; buckets: number }[];
  /** Distinct IDs. */
  unique: number;
  /** Items that share their ID with at least one other. */
  colliding: number;
}

/** Of the IDs that at least one selected item has; their buckets are whole. */
export function collisions(order: PrefixOrder, starts: Int32Array, { mask }: Selection): Collisions {
  const buckets: Range[] = [];
  const bySize = new Map<number, number>();
  let [unique, colliding] = [0, 0];
  for (let bucket = 0; bucket + 1 < starts.length; bucket++) {
    const [start, end] = [starts[bucket], starts[bucket + 1]];
    if (mask && !isChosen(order, start, end, mask)) continue;
    unique++;
    const size = end - start;
    bySize.set(size, (bySize.get(size) ?? 0) + 1);
    if (size === 1) continue;
    colliding += size;
    buckets.push({ start, end });
  }
  buckets.sort((a, b) => b.end - b.start - (a.end - a.start) || a.start - b.start);
  const sizes = [...bySize]
    .map(([size, count]) => ({ size, buckets: count }))
    .sort((a, b) => a.size - b.size);
  return { buckets, sizes, unique, colliding };
}

function isChosen(order: PrefixOrder, start: number, end: number, mask: Uint8Array): boolean {
  for (let at = start; at < end; at++) if (mask[order[at]] === 1) return true;
  return false;
}
