/** Which categories the items of a prefix have, by the code that follows it (Rajput et al. 2023, figure 4). */
import type { CodeTable, Labels } from './code-table.ts';
import { forEachSelected, type Selection } from './selection.ts';

export interface CategoryRow {
  /** Code at the level; -1 for all further codes together. */
  code: number;
  items: number;
  /** [categories] items; items without a known category are the difference to `items`. */
  counts: number[];
}

export interface CategoryBars {
  /** Level whose codes the rows are, counted from 0. */
  level: number;
  /** Of all selected items. */
  total: CategoryRow;
  /** From the code with most items down. */
  rows: CategoryRow[];
}

/** @param most codes that get a row of their own */
export function categoryBars(
  table: CodeTable,
  labels: Labels,
  selected: Selection,
  level: number,
  most: number,
): CategoryBars {
  const { codes, levels, codebookSizes } = table;
  const kinds = labels.names.length;
  const counts = new Int32Array(codebookSizes[level] * kinds);
  const sizes = new Int32Array(codebookSizes[level]);
  forEachSelected(table, selected, (item) => {
    const code = codes[item * levels + level];
    sizes[code]++;
    if (labels.of[item] >= 0) counts[code * kinds + labels.of[item]]++;
  });
  const used = [...sizes.keys()]
    .filter((code) => sizes[code] > 0)
    .sort((a, b) => sizes[b] - sizes[a] || a - b);
  const rowOf = (code: number): CategoryRow => ({
    code,
    items: sizes[code],
    counts: [...counts.subarray(code * kinds, (code + 1) * kinds)],
  });
  const joined = (rows: readonly CategoryRow[]): CategoryRow => ({
    code: -1,
    items: rows.reduce((sum, row) => sum + row.items, 0),
    counts: labels.names.map((_, kind) => rows.reduce((sum, row) => sum + row.counts[kind], 0)),
  });
  const all = used.map(rowOf);
  const rest = all.slice(most);
  return {
    level,
    total: joined(all),
    rows: [...all.slice(0, most), ...(rest.length > 0 ? [joined(rest)] : [])],
  };
}
