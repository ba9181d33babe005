import { throwIfCancelled } from '../../errors.ts';
import { actionColumns } from '../actions.ts';
import { type Duck, identifier, literal } from '../duck.ts';
import { allBadRows, type BadRows, SHOWN_BAD_ROWS } from '../formats/bad-rows.ts';
import { countIds, type IngestContext, type IngestedRows } from '../formats/raw-tables.ts';
import { actionsSql, LAST_SECOND, secondsSql, sourceSql } from '../formats/source-sql.ts';
import { MISSING_NUMBERS } from './feature-roles.ts';
import { ingestWholeNumbers } from './ingest-numbers.ts';
import { badRowsOf, insertRecords, readInto } from './insert.ts';
import type { PlannedFile, Source } from './plan-types.ts';
import { prepareText } from './prepare.ts';
import { eventColumns, needsIds, type RowColumn, rowColumns } from './row-columns.ts';

/**
 * Reads the rows of all files into a table, in file order.
 *
 * Interactions: the table raw (u, i, and where there are such columns r, t, f0, f1 …, a); rowid is the order of the source. Values that
 * do not parse are NULL there; the view "source" leaves their rows out. source_u and source_i list the ids of "source" and
 * how often each occurs (id, n).
 *
 * A click log: the table clicks (c0, c1 …), numbers as DOUBLE, categories as text and multi-valued columns as lists of
 * text, NULL where a value is missing. Rows that cannot be read are left out.
 */
export async function ingest(files: readonly PlannedFile[], context: IngestContext): Promise<IngestedRows> {
  const { duck } = context;
  const sources: Source[] = [];
  for (const [index, file] of files.entries()) {
    const onFraction = (fraction: number) => context.onFraction((index + fraction) / files.length);
    const source = await prepareText(file, context.staging, `rows${index}`, context.signal);
    sources.push({ ...source, onFraction });
  }
  const [first] = files;
  const columns = rowColumns(first);
  const bad = columns.flatMap((column) => conditionOf(column, first) ?? []).join(' OR ');
  if (first.clicks !== null) {
    const found = await readRows(sources, duck, 'clicks', columns, bad);
    if (bad !== '') await duck.run(`DELETE FROM clicks WHERE ${bad}`);
    return { kind: 'clicks', columns, ...found };
  }
  const numbers = await ingestWholeNumbers(sources, duck);
  if (numbers !== null) return numbers;
  const found = await readRows(sources, duck, 'raw', columns, bad);
  const where = found.badRows > 0 ? `WHERE NOT (${bad})` : '';
  await duck.run(`CREATE VIEW source AS SELECT *, rowid AS row FROM raw ${where}`);
  await countIds(duck, 'source', 'source_u', 'source_i');
  const { roles, actions } = first;
  const [hasRating, hasTime] = [roles.rating !== undefined, roles.time !== undefined];
  return {
    kind: 'interactions',
    hasRating,
    hasTime,
    wholeSeconds: false,
    actions,
    events: eventColumns(first),
    ...found,
  };
}

const TYPES: Record<RowColumn['role'], string> = {
  user: 'VARCHAR',
  item: 'VARCHAR',
  rating: 'FLOAT',
  time: 'DOUBLE',
  label: 'DOUBLE',
  dense: 'DOUBLE',
  categorical: 'VARCHAR',
  multi: 'VARCHAR[]',
};

/** Reads all files into one table. `bad` rows are counted and stay in it. */
async function readRows(
  sources: readonly Source[],
  duck: Duck,
  table: 'raw' | 'clicks',
  columns: readonly RowColumn[],
  bad: string,
): Promise<BadRows> {
  const { actions } = sources[0].file;
  const typed = columns.map(({ column, role }) => `${column} ${TYPES[role]}`);
  if (actions.length > 0) typed.push('a UTINYINT');
  await duck.run(`CREATE TABLE ${table} (${typed.join(', ')})`);
  const names = [...new Set([...columns.map(({ name }) => name), ...actionColumns(actions)])];
  const found: BadRows[] = [];
  for (const source of sources) {
    throwIfCancelled(source.signal);
    const select = columns.map((column) => valueSql(column, source.file));
    if (actions.length > 0) select.push(actionsSql(actions));
    found.push(
      source.file.kind === 'sequences'
        ? await readSequences(duck, source, table)
        : await readInto(duck, source, table, { columns: names, select, bad }),
    );
  }
  const { badRows, examples } = allBadRows(found);
  return { badRows, examples: examples.slice(0, SHOWN_BAD_ROWS) };
}

/** NULL for a missing value; of interactions also for what cannot be read, of a click log NaN for such a number. */
function valueSql({ name, role }: RowColumn, { clicks, timeUnit }: PlannedFile): string {
  const column = identifier(name);
  const text = `trim(${column})`;
  if (role === 'time') return secondsSql(column, timeUnit);
  if (role === 'rating') return `TRY_CAST(${column} AS FLOAT)`;
  if (role === 'label') {
    return `CASE lower(${text}) WHEN 'true' THEN 1 WHEN 'false' THEN 0 ELSE TRY_CAST(${text} AS DOUBLE) END`;
  }
  if (role === 'dense') {
    // DuckDB would turn a long IN into a join, which is slower and hides the progress of the reading.
    const missing = `list_contains([${MISSING_NUMBERS.map(literal).join(', ')}], lower(${text}))`;
    return `CASE WHEN ${missing} THEN NULL WHEN ${column} IS NULL THEN NULL ELSE coalesce(TRY_CAST(${text} AS DOUBLE), 'nan'::DOUBLE) END`;
  }
  if (role === 'multi') {
    const list = `CASE WHEN starts_with(${text}, '[') AND json_valid(${text}) THEN from_json(${text}, '["VARCHAR"]') ELSE string_split(${column}, '|') END`;
    return `list_filter(list_transform(${list}, lambda v: trim(v)), lambda v: v <> '')`;
  }
  const isId = role === 'user' || role === 'item';
  return clicks === null && isId ? column : `nullif(${text}, '')`;
}

/** The SQL condition under which a value makes its row bad, or null for never. */
function conditionOf({ column, role }: RowColumn, file: PlannedFile): string | null {
  if (role === 'user' || role === 'item')
    return needsIds(file) ? `${column} IS NULL OR ${column} = ''` : null;
  if (role === 'rating') return `${column} IS NULL OR NOT isfinite(${column})`;
  if (role === 'time') return `${column} IS NULL OR NOT abs(${column}) <= ${LAST_SECOND}`;
  if (role === 'label') return `${column} IS NULL OR ${column} NOT IN (0, 1)`;
  return role === 'dense' ? `(${column} IS NOT NULL AND NOT isfinite(${column}))` : null;
}

/** Characters that count as blank around and between the ids of a sequence line. */
const BLANKS = `' ' || chr(9) || chr(12) || chr(13)`;
const TRIMMED = `trim(line, ${BLANKS})`;

async function readSequences(duck: Duck, source: Source, table: string): Promise<BadRows> {
  const inserted = await insertRecords(duck, source, {
    columns: ['line'],
    insert: (from) =>
      `INSERT INTO ${table} SELECT tokens[1], unnest(tokens[2:]) FROM
       (SELECT string_split_regex(${TRIMMED}, '\\s+') AS tokens FROM ${from} WHERE ${TRIMMED} <> '')`,
    count: (from) => `SELECT count(*) AS n FROM ${from} WHERE ${TRIMMED} <> ''`,
  });
  const { path, copied } = inserted;
  const from = sourceSql(source.file, path, [], { copied });
  const lines = `SELECT row_number() OVER () - 1 AS record, ${TRIMMED} AS line FROM ${from} WHERE ${TRIMMED} <> ''`;
  const query = `SELECT record FROM (${lines}) WHERE NOT regexp_matches(line, '\\s')`;
  return badRowsOf(duck, source, inserted, query);
}
