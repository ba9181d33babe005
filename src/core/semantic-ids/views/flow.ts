/** How items move between the first codes of two tokenisers. */
import { type CodeTable, hasId } from './code-table.ts';
import type { Selection } from './selection.ts';

export interface FlowEnd {
  code: number;
  items: number;
}

export interface Flow {
  /** First codes of each tokeniser with most items, largest first; code -1 stands for all others. */
  left: FlowEnd[];
  right: FlowEnd[];
  /** Indices into the lists `left` and `right`. `kept`: the two codes correspond to each other. */
  links: { left: number; right: number; items: number; kept: boolean }[];
  /** Number of items with an ID in both, and of those whose two codes do not correspond. */
  items: number;
  moved: number;
}

/**
 * [codes]: for each first code of the one tokeniser, the corresponding code of the other, -1 for none. Numbers of codes
 * mean nothing between two tokenisers: codes correspond where they share most items, chosen greedily from the
 * largest overlap down. Throws RangeError where the two are not of one catalogue.
 */
export function matchCodes(one: CodeTable, other: CodeTable): Int32Array {
  if (one.items !== other.items) throw new RangeError(`${one.items} items beside ${other.items}`);
  const width = other.codebookSizes[0];
  const counts = overlaps(one, other, null);
  const pairs = [...counts.keys()]
    .filter((at) => counts[at] > 0)
    .sort((a, b) => counts[b] - counts[a] || a - b);
  const partner = new Int32Array(one.codebookSizes[0]).fill(-1);
  const taken = new Uint8Array(width);
  for (const at of pairs) {
    const [code, match] = [Math.floor(at / width), at % width];
    if (partner[code] >= 0 || taken[match]) continue;
    partner[code] = match;
    taken[match] = 1;
  }
  return partner;
}

/** Number of items by pair of first codes: [codes of the one, codes of the other]. */
function overlaps(one: CodeTable, other: CodeTable, mask: Uint8Array | null): Int32Array {
  const width = other.codebookSizes[0];
  const counts = new Int32Array(one.codebookSizes[0] * width);
  for (let item = 0; item < one.items; item++) {
    if (!hasId(one, item) || !hasId(other, item) || (mask && mask[item] === 0)) continue;
    counts[one.codes[item * one.levels] * width + other.codes[item * other.levels]]++;
  }
  return counts;
}

/** @param most codes of each side that are shown apart */
export function flowOf(
  one: CodeTable,
  other: CodeTable,
  partner: Int32Array,
  { mask }: Selection,
  most: number,
): Flow {
  const [height, width] = [one.codebookSizes[0], other.codebookSizes[0]];
  const counts = overlaps(one, other, mask);
  const [rows, columns] = [new Int32Array(height), new Int32Array(width)];
  for (const [at, count] of counts.entries()) {
    rows[Math.floor(at / width)] += count;
    columns[at % width] += count;
  }
  const [left, right] = [ends(rows, most), ends(columns, most)];
  const links = new Map<string, Flow['links'][number]>();
  let [items, moved] = [0, 0];
  for (const [at, count] of counts.entries()) {
    if (count === 0) continue;
    const [code, match] = [Math.floor(at / width), at % width];
    const kept = partner[code] === match;
    items += count;
    if (!kept) moved += count;
    const [from, to] = [left.place[code], right.place[match]];
    const key = `${from} ${to} ${kept}`;
    const link = links.get(key) ?? { left: from, right: to, items: 0, kept };
    link.items += count;
    links.set(key, link);
  }
  const list = [...links.values()].sort((a, b) => a.left - b.left || a.right - b.right);
  return { left: left.list, right: right.list, links: list, items, moved };
}

/** The codes with most items and, last, all others as one; `place` [codes] is the index of each. */
function ends(sizes: Int32Array, most: number): { list: FlowEnd[]; place: Int32Array } {
  const used = [...sizes.keys()]
    .filter((code) => sizes[code] > 0)
    .sort((a, b) => sizes[b] - sizes[a] || a - b);
  const place = new Int32Array(sizes.length).fill(most);
  const list = used.slice(0, most).map((code, at) => {
    place[code] = at;
    return { code, items: sizes[code] };
  });
  const rest = used.slice(most).reduce((sum, code) => sum + sizes[code], 0);
  return { list: rest > 0 ? [...list, { code: -1, items: rest }] : list, place };
}

/** Selected items whose two first codes do not correspond, in their order. */
export function movedItems(
  one: CodeTable,
  other: CodeTable,
  partner: Int32Array,
  { mask }: Selection,
): Int32Array {
  const moved: number[] = [];
  for (let item = 0; item < one.items; item++) {
    if (!hasId(one, item) || !hasId(other, item) || (mask && mask[item] === 0)) continue;
    if (partner[one.codes[item * one.levels]] !== other.codes[item * other.levels]) moved.push(item);
  }
  return Int32Array.from(moved);
}
