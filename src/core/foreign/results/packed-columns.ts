/** Tables with one row a user: the ids in one cell, or in the columns "item_1", "item_2", …. */
import { type Duck, identifier } from '../../data/duck.ts';
import type { SniffedFile } from '../../data/formats/sniff.ts';
import { sourceSql } from '../../data/formats/source-sql.ts';
import { isNamed, namesList } from './columns.ts';
import { type Given, twoLists } from './given-rows.ts';

/** SQL of the list of each row. */
export interface PackedColumns {
  user: string;
  list: string;
}

const PARTS = /[\s,;|"\x27]+/;
const partsOf = (cell: string | null) => (cell ?? '').split(PARTS).filter((part) => /[^[\]()]/.test(part));

/** Null where a table has other rows. */
export function packedColumns({ columns, header, rows }: SniffedFile): PackedColumns | null {
  const users = columns.filter((column) => isNamed('user', column));
  const others = columns.filter((column) => !users.includes(column));
  if (!header || users.length !== 1 || others.length === 0) return null;
  const [user] = users;
  if (!others.every(holdsList)) return null;
  const numbers = others.map((column) => Number(/\d+$/.exec(column)?.[0] ?? Number.NaN));
  const stems = new Set(others.map((column) => column.replace(/\d+$/, '')));
  if (others.length > 1 && stems.size === 1 && numbers.every(Number.isFinite)) {
    const ordered = others.toSorted((a, b) => numbers[others.indexOf(a)] - numbers[others.indexOf(b)]);
    return { user, list: `[${ordered.map(identifier).join(', ')}]` };
  }
  const at = columns.indexOf(others[0]);
  if (others.length > 1 || !rows.some((row) => partsOf(row[at]).length > 1)) return null;
  return { user, list: `string_split_regex(trim(${identifier(others[0])}, ' []()'), '${PARTS.source}')` };
}

/** Other columns with several words or numbers describe users. */
const holdsList = (column: string) =>
  namesList(column.replace(/[_ -]?\d+$/, '')) ||
  /^(rec|top|pred)|recommend|list|label|candidate/i.test(column);

/** Writes the rows of such a table. Throws UserError, which names `path`, where a user has two. */
export async function copyPacked(
  duck: Duck,
  path: string,
  file: SniffedFile,
  plain: string,
  { user, list }: PackedColumns,
): Promise<Given> {
  await duck.run(
    `INSERT INTO given BY NAME SELECT row_number() OVER (ORDER BY line, place) AS line, trim("user") AS "user", trim(item) AS item,
       row_number() OVER (PARTITION BY line ORDER BY place) AS rank
     FROM (SELECT line, "user", unnest(list) AS item, generate_subscripts(list, 1) AS place FROM (
         SELECT row_number() OVER () AS line, ${identifier(user)} AS "user", ${list} AS list
         FROM ${sourceSql(file, plain, file.columns)})) WHERE trim(item) <> ''`,
  );
  const [twice] = await duck.rows<{ user: string }>(
    'SELECT "user" FROM given WHERE rank = 1 GROUP BY "user" HAVING count(*) > 1 ORDER BY min(line) LIMIT 1',
  );
  if (twice) throw twoLists(path, twice.user);
  return { columns: { user: 'user', item: 'item', rank: 'rank' }, unnamed: false };
}
