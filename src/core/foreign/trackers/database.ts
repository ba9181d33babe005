/** SQLite files and tables of other programs, read and never written. */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { z } from 'zod';
import { messageOf, UserError } from '../../errors.ts';
import type { TrackerListener } from './told.ts';

/** Rows of another program's database. */
export class TrackerDatabase {
  readonly #to: Pick<TrackerListener, 'lost'> | undefined;
  readonly #database: Database.Database;
  readonly #copy: string | null;

  /** Throws UserError where the file cannot be read as a database. */
  constructor(path: string, to?: Pick<TrackerListener, 'lost'>) {
    this.#to = to;
    try {
      const [database, copy] = opened(path);
      this.#database = database;
      this.#copy = copy;
    } catch (error) {
      throw new UserError(`${path}: cannot be read as an SQLite database (${messageOf(error)})`);
    }
  }

  /** Columns by table. */
  columns(table: string): Set<string> {
    const found = this.#database.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(table);
    return new Set(z.array(z.string()).parse(found));
  }

  /** All rows that the schema takes, one at a time; the listener hears of others. */
  *rows<T>(schema: z.ZodType<T>, sql: string, ...values: string[]): Generator<T> {
    for (const row of this.#database.prepare(sql).iterate(...values)) {
      const { success, data } = schema.safeParse(row);
      if (success) yield data;
      else this.#to?.lost('rows that are not as they should be');
    }
  }

  close(): void {
    this.#database.close();
    if (this.#copy !== null) rmSync(this.#copy, { recursive: true, force: true });
  }
}

/** In its place where SQLite can; else a copy: its log has to be worked in, and its folder cannot be written. */
function opened(path: string): [Database.Database, copy: string | null] {
  try {
    return [checked(path), null];
  } catch (error) {
    if (!existsSync(`${path}-wal`)) throw error;
    const copy = mkdtempSync(join(tmpdir(), 'tessera-tracker-'));
    try {
      for (const end of ['', '-wal']) copyFileSync(`${path}${end}`, join(copy, `copy.db${end}`));
      return [checked(join(copy, 'copy.db')), copy];
    } catch (failed) {
      rmSync(copy, { recursive: true, force: true });
      throw failed;
    }
  }
}

function checked(path: string): Database.Database {
  const database = new Database(path, { readonly: true, fileMustExist: true });
  try {
    database.prepare('SELECT count(*) FROM sqlite_master').get();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** A database for as long as `use` takes. Throws UserError where the file cannot be read as one. */
export function withDatabase<T>(
  path: string,
  use: (database: TrackerDatabase) => T,
  to?: Pick<TrackerListener, 'lost'>,
): T {
  const database = new TrackerDatabase(path, to);
  try {
    return use(database);
  } finally {
    database.close();
  }
}

/** What DuckDB makes of a file. Throws UserError in a line where that is nothing. */
export async function readByDuck<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${path}: cannot be read (${messageOf(error).split('\n', 1)[0]})`);
  }
}

/** Whether a file is a database with these columns in a table. */
export function isDatabaseWith(path: string, table: string, columns: readonly string[]): boolean {
  if (!/\.(db|sqlite3?)$/.test(path)) return false;
  try {
    const found = withDatabase(path, (database) => database.columns(table));
    return columns.every((column) => found.has(column));
  } catch {
    return false;
  }
}
