/** Items in the order of their Semantic IDs: all that share a prefix stand together. */
import { type CodeTable, hasId } from './code-table.ts';

/** [items with an ID] dense items by their codes from the first level on, equal IDs by item. */
export type PrefixOrder = Int32Array;

/**
 * One counting sort a level, from the last to the first: O(levels · (items + codes)). Each level's codes are copied to
 * one place first, which makes a catalogue of millions several times faster.
 */
export function prefixOrder(table: CodeTable): PrefixOrder {
  const { items, levels, codebookSizes, codes } = table;
  let known = 0;
  for (let item = 0; item < items; item++) if (hasId(table, item)) known++;
  let order = new Int32Array(known);
  for (let item = 0, at = 0; item < items; item++) if (hasId(table, item)) order[at++] = item;
  let next = new Int32Array(known);
  const levelCodes = new Int32Array(items);
  for (let level = levels - 1; level >= 0; level--) {
    for (let item = 0; item < items; item++) levelCodes[item] = codes[item * levels + level];
    const starts = new Int32Array(codebookSizes[level] + 1);
    for (let at = 0; at < known; at++) starts[levelCodes[order[at]] + 1]++;
    for (let code = 0; code < codebookSizes[level]; code++) starts[code + 1] += starts[code];
    for (let at = 0; at < known; at++) next[starts[levelCodes[order[at]]]++] = order[at];
    [order, next] = [next, order];
  }
  return order;
}

export interface Range {
  /** First place in the order. */
  start: number;
  /** The place after the last. */
  end: number;
}

/** Where the items with this prefix stand in the order; an empty range for a prefix nobody has. */
export function prefixRange(table: CodeTable, order: PrefixOrder, prefix: readonly number[]): Range {
  let range: Range = { start: 0, end: order.length };
  for (const [level, code] of prefix.entries()) {
    range = {
      start: firstAtLeast(table, order, range, level, code),
      end: firstAtLeast(table, order, range, level, code + 1),
    };
  }
  return range;
}

/** The first place in a range of one prefix whose code at the level is not smaller. */
function firstAtLeast(
  { codes, levels }: CodeTable,
  order: PrefixOrder,
  { start, end }: Range,
  level: number,
  code: number,
): number {
  let [low, high] = [start, end];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (codes[order[middle] * levels + level] < code) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Calls `visit` once for each code of the level that occurs in a range of one prefix, in the order of codes. */
export function forEachCode(
  { codes, levels }: CodeTable,
  order: PrefixOrder,
  { start, end }: Range,
  level: number,
  visit: (code: number, range: Range) => void,
): void {
  for (let from = start; from < end; ) {
    const code = codes[order[from] * levels + level];
    let to = from + 1;
    while (to < end && codes[order[to] * levels + level] === code) to++;
    visit(code, { start: from, end: to });
    from = to;
  }
}
