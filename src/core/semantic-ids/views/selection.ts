/** What part of a catalogue is looked at: a pattern of codes, and a shape drawn on a map. */
import { type CodeTable, hasId } from './code-table.ts';
import { type PrefixOrder, prefixRange } from './prefix-order.ts';

/** A code a level; null, or nothing where the list ends, for any. A prefix is a pattern of leading codes. */
export type CodePattern = readonly (number | null)[];

/** The selected items; a null mask for all that have an ID. */
export interface Selected {
  /** [items] 1 for a selected item */
  readonly mask: Uint8Array | null;
  readonly count: number;
}

/** The codes a pattern begins with. */
export function leadingPrefix(pattern: CodePattern): number[] {
  const end = pattern.indexOf(null);
  return (end < 0 ? pattern : pattern.slice(0, end)) as number[];
}

/** Items whose ID fits the pattern. O(items with the leading prefix) beside the mask itself. */
export function selectPattern(table: CodeTable, order: PrefixOrder, pattern: CodePattern): Selected {
  const { codes, levels, items } = table;
  const prefix = leadingPrefix(pattern);
  const others = pattern.flatMap((code, level) =>
    code !== null && level >= prefix.length ? [{ level, code }] : [],
  );
  if (prefix.length === 0 && others.length === 0) return { mask: null, count: order.length };
  const { start, end } = prefixRange(table, order, prefix);
  const mask = new Uint8Array(items);
  let count = 0;
  for (let at = start; at < end; at++) {
    const item = order[at];
    if (!others.every(({ level, code }) => codes[item * levels + level] === code)) continue;
    mask[item] = 1;
    count++;
  }
  return { mask, count };
}

/** A polygon as x and y of its corners in turn. */
export type Polygon = readonly number[];

/** Whether a point lies inside, by the number of edges crossed to its right. */
export function isInside(polygon: Polygon, x: number, y: number): boolean {
  let inside = false;
  for (let at = 0, last = polygon.length - 2; at < polygon.length; last = at, at += 2) {
    const [x0, y0, x1, y1] = [polygon[last], polygon[last + 1], polygon[at], polygon[at + 1]];
    if (y0 > y !== y1 > y && x < ((x1 - x0) * (y - y0)) / (y1 - y0) + x0) inside = !inside;
  }
  return inside;
}

/** Of `selected` the items that lie inside the polygon: `items[i]` at `points[2i]`, `points[2i + 1]`. */
export function selectInside(
  table: CodeTable,
  selected: Selected,
  polygon: Polygon,
  items: Int32Array,
  points: Float32Array,
): Selected {
  const mask = new Uint8Array(table.items);
  let count = 0;
  for (const [at, item] of items.entries()) {
    if (selected.mask ? selected.mask[item] === 0 : !hasId(table, item)) continue;
    if (!isInside(polygon, points[2 * at], points[2 * at + 1])) continue;
    mask[item] = 1;
    count++;
  }
  return { mask, count };
}
