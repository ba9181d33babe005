import { join } from 'node:path';
import { Duck, pathLiteral } from '../duck.ts';
import { listFeature } from './read.ts';
import type { DenseColumn, FeatureColumn } from './types.ts';

/** Text with more different values says nothing that the id does not say, such as a zip code or an address. */
const MOST_VALUES = 1000;
/** Numbers with at most so many different values are categories, such as an age band. */
const MOST_CODES = 100;
const NOT_SIDE = new Set(['item', 'user', 'id', 'interactions', 'title']);

export interface SideFeatures {
  dense: DenseColumn[];
  features: FeatureColumn[];
}

/**
 * The side columns of a data set's items or users as features of rows; `ids` is the dense item or user of each row. Text
 * with "|" is multi-valued, numbers with many different values stay numbers, text with very many is left out.
 */
export async function sideFeatures(
  directory: string,
  part: 'item' | 'user',
  ids: Int32Array,
): Promise<SideFeatures> {
  const duck = await Duck.open();
  try {
    const file = pathLiteral(join(directory, `${part}s.parquet`));
    const rows = await duck.rows(`SELECT * FROM read_parquet(${file}) ORDER BY "${part}"`);
    const names = Object.keys(rows[0] ?? {}).filter((name) => !NOT_SIDE.has(name));
    const result: SideFeatures = { dense: [], features: [] };
    for (const name of names)
      addColumn(
        name,
        rows.map((row) => row[name]),
        ids,
        result,
      );
    const owned = <T>(column: T) => ({ ...column, follows: part });
    return { dense: result.dense.map(owned), features: result.features.map(owned) };
  } finally {
    duck.close();
  }
}

function addColumn(name: string, values: readonly unknown[], ids: Int32Array, result: SideFeatures): void {
  const numbers = values.every((value) => value === null || typeof value === 'number');
  const distinct = new Set(values.filter((value) => value !== null));
  if (distinct.size < 2) return;
  if (numbers && distinct.size > MOST_CODES) {
    const cells = Float32Array.from(values, (value) => (value === null ? Number.NaN : Number(value)));
    result.dense.push({ name, value: (row) => cells[ids[row]] });
    return;
  }
  const codes = new Map<string, number>();
  const offsets = new Int32Array(values.length + 1);
  const flat: number[] = [];
  values.forEach((value, at) => {
    const parts =
      value === null
        ? []
        : String(value)
            .split('|')
            .filter((text) => text !== '');
    for (const text of parts) {
      const code = codes.get(text) ?? codes.size + 1;
      codes.set(text, code);
      flat.push(code);
    }
    offsets[at + 1] = flat.length;
  });
  if (codes.size > MOST_VALUES) return;
  const column = listFeature(
    { name, of: 'other', vocabulary: codes.size + 1 },
    offsets,
    Int32Array.from(flat),
  );
  result.features.push({ ...column, read: (row, target, at) => column.read(ids[row], target, at) });
}
