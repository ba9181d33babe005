import { type BadRow, locateBadRows, SHOWN_BAD_ROWS } from './bad-rows.ts';
import { type Duck, identifier, literal } from './duck.ts';
import { insertSelect } from './ingest.ts';
import type { PlannedFile } from './plan.ts';
import { prepareText } from './prepare.ts';
import { metaToJson } from './python-literal.ts';
import { count } from './raw-tables.ts';
import type { Staging } from './staging.ts';

export interface SideTable {
  /** Side columns in file order, the id left out; the title is called "title". */
  columns: string[];
  badRows: number;
  examples: BadRow[];
}

/**
 * Reads the files that describe items or users into the table `name`: id, one column a side column, one row an id (the
 * first one counts). Columns whose every value is a plain number become numbers, lists are joined with "|".
 */
export async function ingestSide(
  files: readonly PlannedFile[],
  part: 'item' | 'user',
  name: string,
  duck: Duck,
  staging: Staging,
  signal?: AbortSignal,
): Promise<SideTable> {
  const result: SideTable = { columns: [], badRows: 0, examples: [] };
  await duck.run(`CREATE TABLE ${name} (id VARCHAR, row BIGINT)`);
  for (const [index, file] of files.entries()) {
    const path = await prepareText(file, staging, `${part}${index}`, signal);
    const columns = sideColumns(file, part);
    for (const column of columns) {
      if (result.columns.includes(column.name)) continue;
      result.columns.push(column.name);
      await duck.run(`ALTER TABLE ${name} ADD COLUMN ${identifier(column.name)} VARCHAR`);
    }
    const first = await count(duck, name);
    const idColumn = file.roles[part] ?? '';
    const select = columns.map((column) => column.sql).join(', ');
    const into = ['id', ...columns.map((column) => identifier(column.name))].join(', ');
    const used = [idColumn, ...columns.map((column) => column.source)];
    const plain =
      file.kind === 'json' ? await metaToJson(path, staging.scratch(`${part}${index}.jsonl`), signal) : path;
    const insert = `INSERT INTO ${name} (${into}) SELECT ${identifier(idColumn)}${select && `, ${select}`}`;
    const rejects = await insertSelect(duck, insert, file, plain, used);
    const missing = await duck.rows<{ record: bigint }>(
      `SELECT rowid - ${first} AS record FROM ${name} WHERE rowid >= ${first} AND (id IS NULL OR id = '') ORDER BY record`,
    );
    result.badRows += rejects.length + missing.length;
    if (rejects.length + missing.length > 0) {
      const records = missing.slice(0, SHOWN_BAD_ROWS).map((row) => Number(row.record));
      result.examples.push(
        ...(await locateBadRows(file, path, { records, rejects: rejects.slice(0, SHOWN_BAD_ROWS) })),
      );
    }
  }
  await duck.run(`DELETE FROM ${name} WHERE id IS NULL OR id = ''`);
  await duck.run(
    `CREATE TABLE ${name}_once AS SELECT * EXCLUDE (row) FROM (SELECT * REPLACE (rowid AS row) FROM ${name})
     QUALIFY row_number() OVER (PARTITION BY id ORDER BY row) = 1`,
  );
  await duck.run(`DROP TABLE ${name}`);
  await duck.run(`ALTER TABLE ${name}_once RENAME TO ${name}`);
  for (const column of result.columns) await numberWherePossible(duck, name, column);
  return result;
}

interface SideColumn {
  name: string;
  source: string;
  sql: string;
}

function sideColumns(file: PlannedFile, part: 'item' | 'user'): SideColumn[] {
  const taken = new Set(['id', 'row', 'item', 'user', 'interactions', 'title']);
  return file.columns
    .filter((source) => source !== file.roles[part])
    .map((source) => {
      const title = part === 'item' && source === file.roles.title;
      let name = title ? 'title' : source.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '_');
      while (!title && taken.has(name)) name = `${name}_`;
      taken.add(name);
      const listed =
        file.kind === 'json' && file.rows.some((row) => row[file.columns.indexOf(source)]?.startsWith('['));
      return { name, source, sql: listed ? joinedList(source) : identifier(source) };
    });
}

/** A JSON list, nested or not, as its strings joined with "|"; other values stay as they are. */
function joinedList(source: string): string {
  const column = identifier(source);
  return `CASE WHEN starts_with(${column}, '[') AND json_valid(${column})
    THEN (SELECT string_agg(e.atom ->> '$', '|' ORDER BY e.rowid) FROM json_tree(${column}) AS e WHERE e.atom IS NOT NULL)
    ELSE ${column} END`;
}

/** Codes with a leading zero, such as zip codes, stay text. */
async function numberWherePossible(duck: Duck, table: string, column: string): Promise<void> {
  const name = identifier(column);
  const plain = literal('-?(0|[1-9][0-9]{0,14})(\\.[0-9]+)?');
  const { number } = await duck.row<{ number: boolean | null }>(
    `SELECT bool_and(regexp_full_match(${name}, ${plain})) AS number FROM ${table}`,
  );
  if (number && column !== 'title') await duck.run(`ALTER TABLE ${table} ALTER ${name} TYPE DOUBLE`);
}
