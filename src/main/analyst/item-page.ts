import { join } from 'node:path';
import type { ItemPage, ItemsRequest } from '../../core/api/datasets.ts';
import { literal, pathLiteral, withDuck } from '../../core/data/duck.ts';
import { readSummary } from '../../core/data/read.ts';

const OWN_COLUMNS = ['item', 'id', 'interactions', 'title'];

/** One page of a data set's items. Throws UserError if its files have been deleted. */
export async function itemPage(folder: string, input: Omit<ItemsRequest, 'dataset'>): Promise<ItemPage> {
  const { hasTitles } = readSummary(folder).statistics;
  const items = `read_parquet(${pathLiteral(join(folder, 'items.parquet'))})`;
  return withDuck(async (duck) => {
    const columns = (await duck.rows<{ column_name: string }>(`DESCRIBE SELECT * FROM ${items}`)).map(
      ({ column_name }) => column_name,
    );
    const where = condition(input.search, hasTitles);
    const { total } = await duck.row<{ total: bigint }>(
      `SELECT count(*) AS total FROM ${items} WHERE ${where}`,
    );
    const order = input.sort === 'title' && !hasTitles ? 'id' : input.sort;
    const rows = await duck.rows(
      `SELECT * FROM ${items} WHERE ${where}
       ORDER BY ${order} ${input.descending ? 'DESC' : 'ASC'} NULLS LAST, item
       LIMIT ${input.limit} OFFSET ${input.offset}`,
    );
    return {
      total: Number(total),
      items: rows.map(itemRow),
      side: columns.filter((name) => !OWN_COLUMNS.includes(name)),
    };
  });
}

function condition(search: string, hasTitles: boolean): string {
  if (search === '') return 'TRUE';
  const text = `lower(${literal(search)})`;
  return `(contains(lower(id), ${text})${hasTitles ? ` OR contains(lower(title), ${text})` : ''})`;
}

function itemRow({
  item,
  id,
  interactions,
  title,
  ...side
}: Record<string, unknown>): ItemPage['items'][number] {
  return {
    item: Number(item),
    originalId: String(id),
    interactions: Number(interactions ?? 0),
    title: typeof title === 'string' ? title : null,
    side: Object.fromEntries(Object.entries(side).map(([name, value]) => [name, plain(value)])),
  };
}

/** Converts Parquet's types to what a table shows. */
function plain(value: unknown): string | number | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number' || typeof value === 'string') return value;
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
