import { throwIfCancelled, UserError } from '../../errors.ts';
import { type Duck, identifier, literal } from '../duck.ts';
import { type BadRow, SHOWN_BAD_ROWS } from '../formats/bad-rows.ts';
import { count, type IngestContext } from '../formats/raw-tables.ts';
import { secondsSql } from '../formats/source-sql.ts';
import { badRowsOf, insertRecords } from '../import/insert.ts';
import type { PlannedFile } from '../import/plan-types.ts';
import { prepareText } from '../import/prepare.ts';
import { type ClickRole, columnFix } from '../import/request.ts';
import { columnsOf } from './check.ts';
import { MISSING_NUMBERS } from './problems.ts';

/** A column of the table "clicks". */
export interface IngestedColumn {
  /** As in the file. */
  name: string;
  role: ClickRole;
  /** As in the table. */
  column: string;
}

export interface IngestedClicks {
  columns: IngestedColumn[];
  badRows: number;
  examples: BadRow[];
}

const SQL_TYPES: Record<Exclude<ClickRole, 'ignore'>, string> = {
  label: 'DOUBLE',
  dense: 'DOUBLE',
  time: 'DOUBLE',
  categorical: 'VARCHAR',
  user: 'VARCHAR',
  item: 'VARCHAR',
  multi: 'VARCHAR[]',
};

/**
 * Reads the files of a click log into the table "clicks", in file order: numbers as DOUBLE, categories as text and
 * multi-valued columns as lists of text, NULL where a value is missing. Rows that cannot be read are counted and left out.
 */
export async function ingestClicks(
  files: readonly PlannedFile[],
  context: IngestContext,
): Promise<IngestedClicks> {
  const { duck, signal } = context;
  const [first] = files;
  const names = columnsOf(first, 'label', 'time', 'user', 'item', 'dense', 'categorical', 'multi');
  const columns = names.map((name, at) => ({
    name,
    role: first.clicks?.[name] ?? ('ignore' as const),
    column: `c${at}`,
  }));
  const typed = columns.map(({ column, role }) => `${column} ${role === 'ignore' ? '' : SQL_TYPES[role]}`);
  await duck.run(`CREATE TABLE clicks (${typed.join(', ')})`);
  const result: IngestedClicks = { columns, badRows: 0, examples: [] };
  const bad = badCondition(columns);
  for (const [index, file] of files.entries()) {
    throwIfCancelled(signal);
    const onFraction = (fraction: number) => context.onFraction((index + fraction) / files.length);
    const prepared = await prepareText(file, context.staging, `clicks${index}`, signal);
    const source = { ...prepared, onFraction };
    const start = await count(duck, 'clicks');
    const select = columns.map(({ name, role }) => valueSql(identifier(name), role, file));
    const inserted = await insertRecords(duck, source, {
      columns: names,
      insert: (from) => `INSERT INTO clicks SELECT ${select.join(', ')} FROM ${from}`,
    });
    const query =
      bad === ''
        ? null
        : `SELECT rowid - ${start} AS record FROM clicks WHERE rowid >= ${start} AND (${bad})`;
    const { total, examples } = await badRowsOf(duck, source, inserted, query);
    result.badRows += total;
    result.examples.push(...examples);
  }
  result.examples.length = Math.min(result.examples.length, SHOWN_BAD_ROWS);
  if (bad !== '') await duck.run(`DELETE FROM clicks WHERE ${bad}`);
  return result;
}

/** NULL for a missing value; NaN where a number cannot be read. */
function valueSql(column: string, role: ClickRole, file: PlannedFile): string {
  const text = `trim(${column})`;
  // No IN: DuckDB makes a join of a long one, which is slower and hides how far the reading is.
  const missing = `list_contains([${MISSING_NUMBERS.map(literal).join(', ')}], lower(${text}))`;
  if (role === 'label') {
    return `CASE lower(${text}) WHEN 'true' THEN 1 WHEN 'false' THEN 0 ELSE TRY_CAST(${text} AS DOUBLE) END`;
  }
  if (role === 'dense') {
    return `CASE WHEN ${missing} THEN NULL WHEN ${column} IS NULL THEN NULL ELSE coalesce(TRY_CAST(${text} AS DOUBLE), 'nan'::DOUBLE) END`;
  }
  if (role === 'time') return secondsSql(column, file.timeUnit);
  if (role !== 'multi') return `nullif(${text}, '')`;
  const list = `CASE WHEN starts_with(${text}, '[') AND json_valid(${text}) THEN from_json(${text}, '["VARCHAR"]') ELSE string_split(${column}, '|') END`;
  return `list_filter(list_transform(${list}, lambda v: trim(v)), lambda v: v <> '')`;
}

function badCondition(columns: readonly IngestedColumn[]): string {
  const labelled = columns.some(({ role }) => role === 'label');
  const conditions = columns.flatMap(({ column, role }) => {
    // Without labels every row says that this user took this item.
    if (!labelled && (role === 'user' || role === 'item')) return [`${column} IS NULL`];
    if (role === 'label') return [`${column} IS NULL`, `${column} NOT IN (0, 1)`];
    if (role === 'dense') return [`(${column} IS NOT NULL AND NOT isfinite(${column}))`];
    return role === 'time' ? [`${column} IS NULL`, `NOT isfinite(${column})`] : [];
  });
  return conditions.join(' OR ');
}

/** Throws UserError for a click log without rows, and for labels that are all the same. */
export async function refuseUnusableClicks(
  duck: Duck,
  source: string,
  columns: readonly IngestedColumn[],
): Promise<void> {
  const rows = await count(duck, 'clicks');
  if (rows === 0) throw new UserError(`${source}: no rows in it; fetch or export it again`);
  if (rows >= 2 ** 31) throw new UserError(`${source}: ${rows} rows; at most ${2 ** 31 - 1} can be imported`);
  const label = columns.find(({ role }) => role === 'label');
  if (label === undefined) return;
  const { low, high } = await duck.row<{ low: number; high: number }>(
    `SELECT min(${label.column}) AS low, max(${label.column}) AS high FROM clicks`,
  );
  if (low === high) {
    throw new UserError({
      code: 'bad-columns',
      problem: `${source}: the label ${label.name} is ${low} in every row, so there is nothing to learn`,
      fix: columnFix('name another column with --map label=COLUMN'),
    });
  }
}
