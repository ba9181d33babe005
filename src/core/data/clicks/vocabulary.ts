import { join } from 'node:path';
import { pathLiteral, withDuck } from '../duck.ts';
import { readItemIds, readSummary, readUserIds } from '../read.ts';
import type { ClickTable } from './types.ts';

/** What the codes of a table's features stand for: column, code, value. Features of items have the codes of `item`. */
export async function readVocabulary(
  directory: string,
  { features }: Pick<ClickTable, 'features'>,
): Promise<[column: string, code: number, value: string][]> {
  const named = (column: string, values: readonly string[]) =>
    values.map((value, at): [string, number, string] => [column, at + 1, value]);
  const side = features.flatMap(({ name, values }) => (values ? named(name, values) : []));
  if (!readSummary(directory).clicks) {
    const ids = [
      ...named('user', await readUserIds(directory)),
      ...named('item', await readItemIds(directory)),
    ];
    return [...ids, ...named('history-labels', ['0', '1']), ...side];
  }
  const path = pathLiteral(join(directory, 'vocabulary.parquet'));
  const rows = await withDuck((duck) =>
    duck.rows<{ column: string; code: number; value: string }>(
      `SELECT "column", code, value FROM read_parquet(${path}) ORDER BY "column", code`,
    ),
  );
  return [...rows.map(({ column, code, value }): [string, number, string] => [column, code, value]), ...side];
}
