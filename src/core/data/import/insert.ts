import { CancelledError, messageOf, UserError } from '../../errors.ts';
import { type Duck, pathLiteral } from '../duck.ts';
import { type BadRow, type BadRows, locateRecords, SHOWN_BAD_ROWS } from '../formats/bad-rows.ts';
import { count } from '../formats/raw-tables.ts';
import { copyRecords, countRecords } from '../formats/records.ts';
import { sourceSql } from '../formats/source-sql.ts';
import type { PlannedFile, Source } from './plan-types.ts';

/** What became of a file's records. */
export interface Inserted {
  /** What was read: the source itself, or a copy without its malformed records. */
  path: string;
  copied: boolean;
  malformed: number;
  /** The first of them. */
  examples: BadRow[];
}

interface Statement {
  /** The columns that are read. */
  columns: readonly string[];
  /** "INSERT …" over a relation with these columns. */
  insert(from: string): string;
  /** A query for the records of the relation, where the statement does not insert one row for each. */
  count?(from: string): string;
}

/**
 * Runs an "INSERT …" over a file, and makes sure that it has read every record: their number is counted independently of
 * DuckDB. Where that differs or a line cannot be read, the file is read again without its malformed records.
 * @throws UserError where records would be lost
 */
export async function insertRecords(duck: Duck, source: Source, statement: Statement): Promise<Inserted> {
  const { file, path, signal } = source;
  if (file.kind === 'parquet') return insertParquet(duck, source, statement);
  const counting = countRecords(file, path, signal);
  // Deep JSON takes DuckDB hours, so that it is looked at before; other files are counted while they are read.
  const sound = file.kind === 'json' ? counting.then(({ flawless }) => flawless) : Promise.resolve(true);
  const reading = sound.then((fine) => (fine ? begin(duck, source, statement, path, false) : null));
  const [read, counted] = await Promise.allSettled([reading, counting]);
  if (counted.status === 'rejected') throw counted.reason;
  const { records, flawless } = counted.value;
  if (read.status === 'fulfilled' && read.value === records && flawless) {
    await duck.run('COMMIT');
    return { path, copied: false, malformed: 0, examples: [] };
  }
  if (read.status === 'rejected') rethrowExpected(read.reason);
  if (read.status === 'rejected' || read.value !== null) await duck.run('ROLLBACK');
  return insertCopy(duck, source, statement);
}

/** Reads in a transaction of its own, so that it can be undone. Returns how many records were read. */
async function begin(
  duck: Duck,
  { file, onFraction }: Source,
  { columns, insert, count }: Statement,
  path: string,
  copied: boolean,
): Promise<number> {
  const from = sourceSql(file, path, columns, { copied });
  await duck.run('BEGIN');
  const { rowsChanged } = await duck.run(insert(from), onFraction);
  return count === undefined ? rowsChanged : Number((await duck.row<{ n: bigint }>(count(from))).n);
}

async function insertCopy(duck: Duck, source: Source, statement: Statement): Promise<Inserted> {
  const { key, file, path, staging, signal } = source;
  const copy = staging.scratch(`${key}.records`);
  const { kept, malformed, examples } = await copyRecords(file, path, copy, SHOWN_BAD_ROWS, signal);
  const records = kept === 0 ? 0 : await readCopy(duck, source, statement, copy);
  if (records !== kept) {
    throw new UserError(
      `${file.path}: ${kept} of its records can be rows, but only ${records} could be read; the file is not imported, so that none is lost`,
    );
  }
  const bad = examples.map((example) => ({ file: file.path, ...example }));
  return { path: copy, copied: true, malformed, examples: bad };
}

async function readCopy(duck: Duck, source: Source, statement: Statement, copy: string): Promise<number> {
  try {
    const records = await begin(duck, source, statement, copy, true);
    await duck.run('COMMIT');
    return records;
  } catch (error) {
    rethrowExpected(error);
    throw unreadable(source.file, error);
  }
}

async function insertParquet(duck: Duck, source: Source, { columns, insert }: Statement): Promise<Inserted> {
  const { file, path, onFraction } = source;
  try {
    const { rowsChanged: records } = await duck.run(insert(sourceSql(file, path, columns)), onFraction);
    const { rows } = await duck.row<{ rows: bigint }>(
      `SELECT num_rows AS rows FROM parquet_file_metadata(${pathLiteral(path)})`,
    );
    if (Number(rows) !== records) throw new Error(`${records} of ${rows} rows`);
    return { path, copied: false, malformed: 0, examples: [] };
  } catch (error) {
    rethrowExpected(error);
    throw unreadable(file, error);
  }
}

function rethrowExpected(error: unknown): void {
  if (error instanceof UserError || error instanceof CancelledError) throw error;
}

function unreadable({ path }: PlannedFile, error: unknown): UserError {
  const [first] = messageOf(error).split('\n');
  return new UserError(`${path}: the file cannot be read (${first}); fetch or export it again`, {
    cause: error,
  });
}

/** How the records of a file become rows of a table. */
export interface Reading {
  /** The columns of the file that are read. */
  columns: readonly string[];
  /** Columns of the table. Default: all, in their order. */
  into?: readonly string[];
  /** Their values. */
  select: readonly string[];
  /** When a row is bad; "" where none is. */
  bad: string;
}

/** Reads a file into a table, one row a record (see insertRecords). Returns its bad rows, which stay in the table. */
export async function readInto(
  duck: Duck,
  source: Source,
  table: string,
  { columns, into, select, bad }: Reading,
): Promise<BadRows> {
  const first = await count(duck, table);
  const target = into === undefined ? table : `${table} (${into.join(', ')})`;
  const insert = (from: string) => `INSERT INTO ${target} SELECT ${select.join(', ')} FROM ${from}`;
  const inserted = await insertRecords(duck, source, { columns, insert });
  const query = `SELECT rowid - ${first} AS record FROM ${table} WHERE rowid >= ${first} AND (${bad})`;
  return badRowsOf(duck, source, inserted, bad === '' ? null : query);
}

/** The bad rows of a file: its malformed records, and those of a query for numbers of bad `record`s, 0-based. */
export async function badRowsOf(
  duck: Duck,
  source: Source,
  { malformed, examples, copied }: Inserted,
  query: string | null,
): Promise<BadRows> {
  const total =
    query === null ? 0 : Number((await duck.row<{ n: bigint }>(`SELECT count(*) AS n FROM (${query})`)).n);
  if (total === 0) return { badRows: malformed, examples };
  const rows = await duck.rows<{ record: bigint }>(`${query} ORDER BY record LIMIT ${SHOWN_BAD_ROWS}`);
  const records = rows.map(({ record }) => Number(record));
  const found = await locateRecords(source, records, copied);
  const all = [...examples, ...found].sort((a, b) => a.line - b.line);
  return { badRows: malformed + total, examples: all.slice(0, SHOWN_BAD_ROWS) };
}
