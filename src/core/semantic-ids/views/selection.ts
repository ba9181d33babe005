/** What part of a catalogue is looked at: a pattern of codes. */
import { type CodeTable, hasId } from './code-table.ts';
import { type PrefixOrder, prefixRange } from './prefix-order.ts';

/** A code a level; null, or nothing where the list ends, for any. A prefix is a pattern of leading codes. */
export type CodePattern = readonly (number | null)[];

/** The selected items. */
export interface Selection {
  /** Dense items, in no order; null for all that have an ID. */
  readonly items: Int32Array | null;
  /** [items of the catalogue] 1 for a selected one; null for all that have an ID. */
  readonly mask: Uint8Array | null;
  readonly count: number;
}

/** Some items of a catalogue as a selection. */
export function selectionOf(catalogue: number, items: Int32Array): Selection {
  const mask = new Uint8Array(catalogue);
  for (let at = 0; at < items.length; at++) mask[items[at]] = 1;
  return { items, mask, count: items.length };
}

/** Calls `visit` for each selected item. */
export function forEachSelected(table: CodeTable, { items }: Selection, visit: (item: number) => void): void {
  if (items) for (let at = 0; at < items.length; at++) visit(items[at]);
  else for (let item = 0; item < table.items; item++) if (hasId(table, item)) visit(item);
}

/** The codes a pattern begins with. */
export function leadingPrefix(pattern: CodePattern): number[] {
  const end = pattern.indexOf(null);
  return (end < 0 ? pattern : pattern.slice(0, end)) as number[];
}

/** Items whose ID fits the pattern. O(items with the leading prefix) beside the mask itself. */
export function selectPattern(table: CodeTable, order: PrefixOrder, pattern: CodePattern): Selection {
  const { codes, levels } = table;
  const prefix = leadingPrefix(pattern);
  const { start, end } = prefixRange(table, order, prefix);
  let fitting = order.subarray(start, end);
  for (let level = prefix.length; level < pattern.length; level++) {
    const code = pattern[level];
    if (code === null) continue;
    const kept = new Int32Array(fitting.length);
    let count = 0;
    for (let at = 0; at < fitting.length; at++) {
      if (codes[fitting[at] * levels + level] === code) kept[count++] = fitting[at];
    }
    fitting = kept.subarray(0, count);
  }
  if (fitting.length === order.length) return { items: null, mask: null, count: order.length };
  return selectionOf(table.items, fitting);
}
