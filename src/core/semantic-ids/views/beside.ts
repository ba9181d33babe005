/** Two tokenisers of one catalogue beside each other, by their first codes. */
import { type CodeTable, hasId } from './code-table.ts';
import { type Grid, gridOf } from './placement.ts';
import type { Selection } from './selection.ts';

export interface Beside {
  /** [first codes] items with an ID in both, of the one and of the other tokeniser. */
  one: number[];
  other: number[];
  /** A code of the one, a code of the other and how many items have both, for each pair that some items have. */
  pairs: [one: number, other: number, items: number][];
  /** Items with an ID in both, and those of them whose two codes do not correspond. */
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
  const counts = overlaps(one, other);
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
function overlaps(one: CodeTable, other: CodeTable): Int32Array {
  const width = other.codebookSizes[0];
  const counts = new Int32Array(one.codebookSizes[0] * width);
  for (let item = 0; item < one.items; item++) {
    if (!hasId(one, item) || !hasId(other, item)) continue;
    counts[one.codes[item * one.levels] * width + other.codes[item * other.levels]]++;
  }
  return counts;
}

export function besideOf(one: CodeTable, other: CodeTable): Beside {
  const width = other.codebookSizes[0];
  const partner = matchCodes(one, other);
  const beside: Beside = {
    one: new Array<number>(one.codebookSizes[0]).fill(0),
    other: new Array<number>(width).fill(0),
    ...{ pairs: [], items: 0, moved: 0 },
  };
  for (const [at, count] of overlaps(one, other).entries()) {
    if (count === 0) continue;
    const [code, match] = [Math.floor(at / width), at % width];
    beside.one[code] += count;
    beside.other[match] += count;
    beside.pairs.push([code, match, count]);
    beside.items += count;
    if (partner[code] !== match) beside.moved += count;
  }
  return beside;
}

/**
 * The cell of each code of the other tokeniser: the fullest code first, as near as there is room to the middle of where its
 * items stand in the one, whose codes stand in `cells`. Codes without an item have the cells that are left.
 */
export function placeBeside({ other, pairs }: Beside, cells: ArrayLike<number>, on: Grid): Int32Array {
  const grid = gridOf(other.length);
  const middles = other.map(() => ({ x: 0, y: 0 }));
  for (const [code, match, items] of pairs) {
    middles[match].x +=
      (items / other[match]) * ((cells[code] % on.columns) + 0.5) * (grid.columns / on.columns);
    middles[match].y +=
      (items / other[match]) * (Math.floor(cells[code] / on.columns) + 0.5) * (grid.rows / on.rows);
  }
  const placed = new Int32Array(other.length);
  const free = new Set(other.keys());
  const order = [...other.keys()].sort((a, b) => other[b] - other[a] || a - b);
  for (const code of order) {
    let [nearest, least] = [-1, Number.POSITIVE_INFINITY];
    for (const cell of free) {
      const across = (cell % grid.columns) + 0.5 - middles[code].x;
      const down = Math.floor(cell / grid.columns) + 0.5 - middles[code].y;
      const distance = other[code] === 0 ? 0 : across ** 2 + down ** 2;
      if (distance < least) [nearest, least] = [cell, distance];
    }
    placed[code] = nearest;
    free.delete(nearest);
  }
  return placed;
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
