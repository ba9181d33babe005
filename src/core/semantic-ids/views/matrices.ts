/** Counts of pairs of codes. */
import { type CodeTable, hasId } from './code-table.ts';
import { forEachSelected, type Selection } from './selection.ts';

export interface PairCounts {
  /** Codes of the rows and of the columns. */
  rows: number[];
  columns: number[];
  /** [rows, columns] */
  counts: Int32Array;
  /** Number of pairs, also of codes that are left out. */
  total: number;
  /** Number of codes with a pair, also of those left out. */
  usedRows: number;
  usedColumns: number;
}

/** Number of items with code a at level `down` and code b at level `across`. */
export function cooccurrence(
  table: CodeTable,
  down: number,
  across: number,
  selected: Selection,
): Int32Array {
  const { codes, levels, codebookSizes } = table;
  const width = codebookSizes[across];
  const counts = new Int32Array(codebookSizes[down] * width);
  forEachSelected(table, selected, (item) => {
    counts[codes[item * levels + down] * width + codes[item * levels + across]]++;
  });
  return counts;
}

/** Interactions in the order of each user: those of user u stand at offsets[u] .. offsets[u + 1] - 1. */
export interface Sequences {
  readonly users: number;
  readonly offsets: Int32Array;
  readonly itemIds: Int32Array;
}

/**
 * How often an item with code a at the level is followed by one with code b at the same level, in the sequences of
 * users. Only pairs that begin with a selected item count; an item without an ID belongs to no pair.
 */
export function transitions(
  table: CodeTable,
  level: number,
  { users, offsets, itemIds }: Sequences,
  { mask }: Selection,
): Int32Array {
  const { codes, levels, codebookSizes } = table;
  const width = codebookSizes[level];
  const counts = new Int32Array(width * width);
  for (let user = 0; user < users; user++) {
    for (let at = offsets[user]; at + 1 < offsets[user + 1]; at++) {
      const [from, to] = [itemIds[at], itemIds[at + 1]];
      if (!hasId(table, from) || !hasId(table, to) || (mask && mask[from] === 0)) continue;
      counts[codes[from * levels + level] * width + codes[to * levels + level]]++;
    }
  }
  return counts;
}

/** The rows and columns with most pairs, ordered for a heat map. */
export function densest(
  counts: Int32Array,
  width: number,
  most: number,
  sort: (code: number, axis: 'row' | 'column') => number,
): PairCounts {
  const height = width > 0 ? counts.length / width : 0;
  const [byRow, byColumn] = [new Float64Array(height), new Float64Array(width)];
  let total = 0;
  for (let row = 0, at = 0; row < height; row++) {
    for (let column = 0; column < width; column++, at++) {
      byRow[row] += counts[at];
      byColumn[column] += counts[at];
      total += counts[at];
    }
  }
  const chosen = (sums: Float64Array, axis: 'row' | 'column') =>
    [...sums.keys()]
      .filter((code) => sums[code] > 0)
      .sort((a, b) => sums[b] - sums[a] || a - b)
      .slice(0, most)
      .map((code, at) => ({ code, at, key: sort(code, axis) }))
      .sort((a, b) => a.key - b.key || a.at - b.at)
      .map(({ code }) => code);
  const [rows, columns] = [chosen(byRow, 'row'), chosen(byColumn, 'column')];
  const kept = new Int32Array(rows.length * columns.length);
  for (const [down, row] of rows.entries()) {
    for (const [across, column] of columns.entries()) {
      kept[down * columns.length + across] = counts[row * width + column];
    }
  }
  return { rows, columns, counts: kept, total, usedRows: usedIn(byRow), usedColumns: usedIn(byColumn) };
}

const usedIn = (sums: Float64Array) => sums.reduce((used, sum) => used + (sum > 0 ? 1 : 0), 0);
