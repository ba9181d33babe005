import { clip } from '../../names.ts';
import { type Duck, identifier, literal } from '../duck.ts';
import { allBadRows, type BadRows } from '../formats/bad-rows.ts';
import { decodeEntities } from '../formats/entities.ts';
import { metaToJson } from '../formats/python-literal.ts';
import type { MixedColumn } from '../types.ts';
import { MISSING_NUMBERS, NUMBER_LIST } from './feature-roles.ts';
import { readInto } from './insert.ts';
import type { ImportPlan, PlannedFile } from './plan-types.ts';
import { prepareText } from './prepare.ts';
import { columnError, type ImportOverrides, type SideRole, type SideRoles } from './request.ts';
import { bareName } from './roles.ts';
import { ownName } from './row-columns.ts';
import type { Staging } from './staging.ts';

export interface SideTable extends BadRows {
  /** Side columns in file order, the id left out; the title is called "title". */
  columns: string[];
  /** Their meaning, by these names; the title has none. */
  roles: SideRoles;
  /** Those that are categories although the beginning of their file has numbers alone. */
  mixed: MixedColumn[];
}

/** Null where no file describes them. */
export type Sides = Record<'items' | 'users', SideTable | null>;

/** The side files of a plan as the tables item_side and user_side. */
export async function ingestSides(
  { items, users, kind }: ImportPlan,
  { map }: ImportOverrides,
  duck: Duck,
  staging: Staging,
  signal: AbortSignal | undefined,
): Promise<Sides> {
  const options = { signal, trimmed: kind === 'clicks', numbers: map.dense };
  const read = (files: readonly PlannedFile[], part: 'item' | 'user') =>
    files.length === 0 ? null : ingestSide(files, part, `${part}_side`, duck, staging, options);
  return { items: await read(items, 'item'), users: await read(users, 'user') };
}

/**
 * Reads the files that describe items or users into the table `name`: id, one column a side column, one row an id (the
 * first one counts). Columns whose every value is a plain number become numbers, lists are joined with "|", entities of
 * HTML are decoded. A column that was sniffed as numbers and has other values is one of categories.
 * @throws UserError where it was mapped to numbers
 */
export async function ingestSide(
  files: readonly PlannedFile[],
  part: 'item' | 'user',
  name: string,
  duck: Duck,
  staging: Staging,
  { signal, trimmed, numbers = '' }: { signal?: AbortSignal; trimmed?: boolean; numbers?: string },
): Promise<SideTable> {
  const result: Omit<SideTable, keyof BadRows> = { columns: [], roles: {}, mixed: [] };
  const bad: BadRows[] = [];
  const sources = new Map<string, Pick<MixedColumn, 'name' | 'file' | 'column'>>();
  await duck.run(`CREATE TABLE ${name} (id VARCHAR, row BIGINT)`);
  for (const [index, file] of files.entries()) {
    const source = await prepareText(file, staging, `${part}${index}`, signal);
    const columns = sideColumns(file, part);
    for (const column of columns) {
      if (result.columns.includes(column.name)) continue;
      result.columns.push(column.name);
      sources.set(column.name, { name: column.name, file: file.path, column: column.source });
      if (column.role) result.roles[column.name] = column.role;
      await duck.run(`ALTER TABLE ${name} ADD COLUMN ${identifier(column.name)} VARCHAR`);
    }
    const idColumn = file.roles[part] ?? '';
    if (file.kind === 'json') {
      source.path = await metaToJson(source.path, staging.scratch(`${part}${index}.jsonl`), signal);
    }
    const id = trimmed ? `trim(${identifier(idColumn)})` : identifier(idColumn);
    const reading = {
      columns: [idColumn, ...columns.map((column) => column.source)],
      into: ['id', ...columns.map((column) => identifier(column.name))],
      select: [id, ...columns.map((column) => column.sql)],
      bad: WITHOUT_ID,
    };
    bad.push(await readInto(duck, source, name, reading));
  }
  await duck.run(`DELETE FROM ${name} WHERE ${WITHOUT_ID}`);
  await duck.run(
    `CREATE TABLE ${name}_once AS SELECT * EXCLUDE (row) FROM (SELECT * REPLACE (rowid AS row) FROM ${name})
     QUALIFY row_number() OVER (PARTITION BY id ORDER BY row) = 1`,
  );
  await duck.run(`DROP TABLE ${name}`);
  await duck.run(`ALTER TABLE ${name}_once RENAME TO ${name}`);
  await decodeEntities(duck, name, result.columns);
  for (const [column, source] of sources) {
    const mixed = await settle(duck, name, column, result.roles, { file: source.file, numbers });
    if (mixed) result.mixed.push({ ...source, ...mixed });
  }
  return { ...result, ...allBadRows(bad) };
}

const WITHOUT_ID = `id IS NULL OR id = ''`;

interface SideColumn {
  name: string;
  role: SideRole | undefined;
  source: string;
  sql: string;
}

function sideColumns(file: PlannedFile, part: 'item' | 'user'): SideColumn[] {
  const taken = new Set(['id', 'row', 'item', 'user', 'interactions', 'title']);
  return file.columns
    .filter((source) => source !== file.roles[part])
    .map((source) => {
      const title = part === 'item' && source === file.roles.title;
      const name = title ? 'title' : ownName(source, taken);
      const values = file.rows.map((row) => row[file.columns.indexOf(source)] ?? '');
      const role = file.side?.[source];
      const several = (sql: string, separator: string) => `replace(${sql}, ${literal(separator)}, '|')`;
      let sql = identifier(source);
      if (values.some((value) => value.startsWith('[')) && (file.kind === 'json' || role === 'multi')) {
        sql = joinedList(source);
      } else if (role === 'multi' && file.sequences?.includes(source)) sql = several(sql, ' ');
      else if (role === 'multi' && values.some((value) => NUMBER_LIST.test(value))) sql = several(sql, ',');
      return { name, role, source, sql };
    });
}

/** A JSON list, nested or not, as its strings joined with "|"; other values stay as they are. */
function joinedList(source: string): string {
  const column = identifier(source);
  return `CASE WHEN starts_with(${column}, '[') AND json_valid(${column})
    THEN (SELECT string_agg(e.atom ->> '$', '|' ORDER BY e.rowid) FROM json_tree(${column}) AS e WHERE e.atom IS NOT NULL)
    ELSE ${column} END`;
}

/** Gives a column its type, and where it holds other values than numbers the role of categories, which is then told. */
async function settle(
  duck: Duck,
  table: string,
  column: string,
  roles: SideRoles,
  { file, numbers }: { file: string; numbers: string },
): Promise<Pick<MixedColumn, 'values' | 'others' | 'example'> | null> {
  const name = identifier(column);
  if (roles[column] !== 'dense') {
    if (roles[column] !== 'multi') await numberWherePossible(duck, table, name, column);
    return null;
  }
  const missing = `lower(trim(${name})) IN (${MISSING_NUMBERS.map(literal).join(', ')})`;
  const other = `NOT coalesce(isfinite(TRY_CAST(${name} AS DOUBLE)), false)`;
  const { values, others, example } = await duck.row<{ values: bigint; others: bigint; example: string }>(
    `SELECT count(*) AS "values", count(*) FILTER (${other}) AS others, first(${name} ORDER BY rowid) FILTER (${other}) AS example
     FROM ${table} WHERE ${name} IS NOT NULL AND NOT (${missing})`,
  );
  if (others === 0n) {
    await duck.run(
      `ALTER TABLE ${table} ALTER ${name} TYPE DOUBLE USING (CASE WHEN ${missing} THEN NULL ELSE TRY_CAST(${name} AS DOUBLE) END)`,
    );
    return null;
  }
  const chosen = numbers.split('+').some((part) => bareName(part) === bareName(column));
  if (chosen) {
    throw columnError(
      `${file}: ${column} "${clip(example)}" is not a number`,
      'leave it out of --map dense=…, or map it to categorical',
    );
  }
  roles[column] = 'categorical';
  return { values: Number(values), others: Number(others), example: clip(example) };
}

/** Codes with a leading zero, such as zip codes, stay text. */
async function numberWherePossible(duck: Duck, table: string, name: string, column: string): Promise<void> {
  const plain = literal('-?(0|[1-9][0-9]{0,14})(\\.[0-9]+)?');
  const { number } = await duck.row<{ number: boolean | null }>(
    `SELECT bool_and(regexp_full_match(${name}, ${plain})) AS number FROM ${table}`,
  );
  if (number && column !== 'title') await duck.run(`ALTER TABLE ${table} ALTER ${name} TYPE DOUBLE`);
}
