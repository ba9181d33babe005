/** One category an item, from the side columns of a data set. */
import type { SparseMatrix } from '../math/sparse.ts';
import { readCategoryColumns, type TextColumn } from './columns.ts';
import { listTerms } from './tfidf.ts';

export interface Categories {
  /** Column of the data set. */
  column: string;
  /** [items] category, -1 for none */
  labels: Int32Array;
  names: string[];
}

/** A label that more items than this share have says nothing: one part deeper is taken instead. */
const CONSTANT_SHARE = 0.9;

/**
 * One category an item: of a column of lists (the first, else the first of names) the first part on which items differ,
 * as "Makeup" in "Beauty|Makeup|Nails". Null where all items are alike.
 */
export function categoriesOf(columns: readonly TextColumn[]): Categories | null {
  const lists = columns.filter(({ values }) => values.some((value) => value.includes('|')));
  for (const { name, values } of [...lists, ...columns]) {
    const parts = values.map((value) => value.split('|').map((part) => part.trim()));
    const depths = parts.reduce((most, list) => Math.max(most, list.length), 0);
    for (let depth = 0; depth < depths; depth++) {
      const names = new Map<string, number>();
      const counts: number[] = [];
      const labels = Int32Array.from(parts, (list) => {
        const part = list[depth] ?? '';
        if (part === '') return -1;
        if (!names.has(part)) names.set(part, names.size);
        const label = names.get(part) as number;
        counts[label] = (counts[label] ?? 0) + 1;
        return label;
      });
      const total = counts.reduce((sum, count) => sum + count, 0);
      const most = counts.reduce((largest, count) => Math.max(largest, count), 0);
      if (counts.length > 1 && most < CONSTANT_SHARE * total) {
        return { column: name, labels, names: [...names.keys()] };
      }
    }
  }
  return null;
}

/** One category an item, found among the columns of the data set; null where it has none. */
export async function categoriesOfDataset(datasetDir: string): Promise<Categories | null> {
  return categoriesOf(await readCategoryColumns(datasetDir));
}

/**
 * The genres of every item, [items, genres]: all parts of the column that tells categories apart, in small letters, each with an equal share of
 * its item. Null where no column does.
 */
export function genresOf(columns: readonly TextColumn[]): SparseMatrix | null {
  const { column } = categoriesOf(columns) ?? {};
  const values = columns.find(({ name }) => name === column)?.values;
  if (!values) return null;
  const numbers = new Map<string, number>();
  const numberOf = (genre: string) => {
    const known = numbers.get(genre) ?? numbers.size;
    numbers.set(genre, known);
    return known;
  };
  const rows = values.map((value) => [...new Set(listTerms(value))].map(numberOf));
  const offsets = new Int32Array(rows.length + 1);
  for (const [item, row] of rows.entries()) offsets[item + 1] = offsets[item] + row.length;
  return {
    ...{ rows: rows.length, width: numbers.size, offsets },
    columns: Int32Array.from(rows.flat()),
    values: Float32Array.from(rows.flatMap((row) => row.map(() => 1 / row.length))),
  };
}
