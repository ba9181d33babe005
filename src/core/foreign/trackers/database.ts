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

  constructor(database: Database.Database, to?: Pick<TrackerListener, 'lost'>) {
    this.#to = to;
    this.#database = database;
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
      else this.#to?.lost('malformed rows');
    }
  }

  /** Values by key of rows of a key and a value. */
  pairs<T>(value: z.ZodType<T>, sql: string, ...values: string[]): Record<string, T> {
    const rows = this.rows(z.object({ key: z.string(), value }), sql, ...values);
    return Object.fromEntries([...rows].map((row) => [row.key, row.value as T]));
  }
}

/** A database for as long as `use` takes. Throws UserError where the file cannot be read as one. */
export function withDatabase<T>(
  path: string,
  use: (database: TrackerDatabase) => T,
  to?: Pick<TrackerListener, 'lost'>,
): T {
  const copies: string[] = [];
  let database: Database.Database | undefined;
  try {
    database = opened(path, copies);
    return use(new TrackerDatabase(database, to));
  } finally {
    database?.close();
    for (const folder of copies) rmSync(folder, { recursive: true, force: true });
  }
}

/** In its place where SQLite can; else a copy in a folder of `copies`: its log has to be worked in, and its folder cannot be written. */
function opened(path: string, copies: string[]): Database.Database {
  try {
    try {
      return checked(path);
    } catch (error) {
      if (!existsSync(`${path}-wal`)) throw error;
      const folder = mkdtempSync(join(tmpdir(), 'tessera-tracker-'));
      copies.push(folder);
      const copy = join(folder, 'copy.db');
      for (const end of ['', '-wal']) copyFileSync(`${path}${end}`, `${copy}${end}`);
      return checked(copy);
    }
  } catch (error) {
    throw new UserError(`${path}: cannot be read as an SQLite database (${messageOf(error)})`);
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
