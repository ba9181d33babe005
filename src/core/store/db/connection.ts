import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type Database from 'better-sqlite3';
import { LRUCache } from 'lru-cache';
import type { z } from 'zod';
import { type Fix, UserError } from '../../errors.ts';
import { damagedError, listBackups } from './damage.ts';

export type Value = string | number | null | Uint8Array;
/** One value for each `?` of a statement, or one object with a value for each of its `@name`s. */
type Parameters = Value[] | [Record<string, Value>];
/** A statement and its values. */
export type Query = [sql: string, ...parameters: Parameters];

/** At the end nobody waits long for others. */
const LOG_WAIT_MS = 500;

/** More than a session uses; the number of filters, words and sort keys of a table makes further ones. */
const CACHED_STATEMENTS = 200;

/** One SQLite connection: cached statements, write transactions, and errors a user can act on. */
export class Connection {
  readonly path: string;
  /** Whether the home cannot be written: everything but changes works. */
  readonly readOnly: boolean;
  readonly #copy: string | null;
  readonly #database: Database.Database;
  #rollbacks = 0;
  readonly #statements = new LRUCache<string, Database.Statement<unknown[]>>({ max: CACHED_STATEMENTS });

  /** `copy` is a folder with the copy that is open in the place of a database that cannot be written; it goes at the end. */
  constructor(
    path: string,
    database: Database.Database,
    { readOnly = false, copy = null as string | null } = {},
  ) {
    this.path = path;
    this.readOnly = readOnly;
    this.#copy = copy;
    this.#database = database;
  }

  /** The folder that the database makes a home. */
  get home(): string {
    return dirname(this.path);
  }

  /** The file that is read: of a home that cannot be written perhaps a copy. */
  get file(): string {
    return this.#database.name;
  }

  /** Runs a statement without rows; returns how many rows it changed. */
  run(sql: string, ...parameters: Parameters): number {
    return this.#guarded(() => this.#prepare(sql).run(...parameters).changes);
  }

  /** The first row, or undefined. */
  get(...[sql, ...parameters]: Query): unknown {
    return this.#guarded(() => this.#prepare(sql).get(...parameters));
  }

  all(...[sql, ...parameters]: Query): unknown[] {
    return this.#guarded(() => this.#prepare(sql).all(...parameters));
  }

  /** All rows, one at a time: `read` keeps what is needed of each, so that very many are never held at once. It may ask nothing of the database. */
  each<Row>(read: (row: Row) => void, ...[sql, ...parameters]: Query): void {
    this.#guarded(() => {
      for (const row of this.#prepare(sql).iterate(...parameters) as Iterable<Row>) read(row);
    });
  }

  /** All rows, as the schema reads each. */
  rows<T>(schema: z.ZodType<T>, ...query: Query): T[] {
    return this.all(...query).map((row) => this.readRow(schema, row));
  }

  /** The first row as the schema reads it; null where there is none. */
  first<T>(schema: z.ZodType<T>, ...query: Query): T | null {
    const row = this.get(...query);
    return row === undefined ? null : this.readRow(schema, row);
  }

  /** A row as the schema reads it. Throws UserError for one that this program cannot have written: the database is damaged. */
  readRow<T>(schema: z.ZodType<T>, row: unknown): T {
    const read = schema.safeParse(row);
    if (read.success) return read.data;
    const [{ path, message }] = read.error.issues;
    throw damagedError(this.path, `${path.join('.')}: ${message}`, read.error);
  }

  /** Adds a row. */
  insert(table: string, row: Record<string, Value>): void {
    this.#insert('INSERT', table, row);
  }

  /** Puts a row in the place of one with the same key, if there is one. */
  replace(table: string, row: Record<string, Value>): void {
    this.#insert('INSERT OR REPLACE', table, row);
  }

  /**
   * Runs `work` in one write transaction; within another transaction it is a savepoint.
   * Immediate, because a transaction that reads first and writes later fails instead of waiting
   * when another process has written in between.
   */
  transaction<T>(work: () => T): T {
    try {
      return this.#guarded(() => this.#database.transaction(work).immediate());
    } catch (error) {
      this.#rollbacks++;
      throw error;
    }
  }

  /** Write transactions of this connection that were taken back: what was read in one of them is not so. */
  get rollbacks(): number {
    return this.#rollbacks;
  }

  /** Runs reads that must see one state of the database; blocks no one. */
  snapshot<T>(work: () => T): T {
    return this.#guarded(() => this.#database.transaction(work).deferred());
  }

  /** SQLite's counter of commits by other connections. */
  externalChanges(): number {
    return this.#guarded(() => Number(this.#database.pragma('data_version', { simple: true })));
  }

  /** Rows that this connection has changed. */
  changes(): number {
    return (this.#prepare('SELECT total_changes() AS changes').get() as { changes: number }).changes;
  }

  /** How long a statement may wait for another process's transaction. */
  waitAtMost(milliseconds: number): void {
    this.#database.pragma(`busy_timeout = ${milliseconds}`);
  }

  /** Brings everything into the one file first: a log beside it is easily lost. */
  close(): void {
    try {
      this.waitAtMost(LOG_WAIT_MS);
      this.#database.pragma('wal_checkpoint(TRUNCATE)');
    } catch {
      // Whoever still reads or writes does it later.
    }
    this.#database.close();
    if (this.#copy !== null) rmSync(this.#copy, { recursive: true, force: true });
  }

  #insert(verb: string, table: string, row: Record<string, Value>): void {
    const names = Object.keys(row);
    const values = names.map((name) => `@${name}`).join(', ');
    this.run(`${verb} INTO ${table} (${names.join(', ')}) VALUES (${values})`, row);
  }

  #prepare(sql: string): Database.Statement<unknown[]> {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#database.prepare<unknown[]>(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!this.#database.open)
        throw new UserError(
          `${this.path} was closed: Tessera is quitting or has switched to another data folder`,
        );
      throw explain(error, this.path);
    }
  }
}

/** What to do about a home that cannot be used: repair it, or choose another. */
export function homeFix(repair: string): Fix {
  return { cli: `${repair}, or choose another home with --home`, window: repair };
}

const EXPLANATIONS: [prefix: string, problem: string, fix: Fix][] = [
  ['SQLITE_NOTADB', 'is not a Tessera database', homeFix('move it away')],
  [
    'SQLITE_FULL',
    'cannot grow because the disk is full',
    {
      cli: 'free some space: "tessera trash empty" does, and so does "tessera runs delete RUN --for-good"',
      window: 'free some space, for example by emptying the trash, and try again',
    },
  ],
  ['SQLITE_BUSY', 'has been locked by another process for too long', 'end that process and try again'],
  ['SQLITE_READONLY', 'cannot be written', homeFix('check its permissions')],
  ['SQLITE_CANTOPEN', 'cannot be opened', homeFix('check its permissions')],
  ['SQLITE_PERM', 'cannot be opened', homeFix('check its permissions')],
  [
    'SQLITE_IOERR',
    'cannot be read or written',
    'check the disk, its free space and the limit on the size of files (ulimit -f)',
  ],
];

/** The SQLite result code of an error such as "SQLITE_BUSY_SNAPSHOT", or "". */
export function sqliteCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : '';
}

/** Whether another process had the database for longer than the connection waits. */
export function isBusy(error: unknown): boolean {
  const cause = error instanceof UserError ? error.cause : error;
  return sqliteCode(cause).startsWith('SQLITE_BUSY');
}

/** Whether the home cannot be written now, and may be later: it is locked, full or forbidden. */
export function isBadHome(error: unknown): boolean {
  return error instanceof UserError && error.details.code === 'bad-home';
}

/** Whether there was no room to write. */
export function isFull(error: unknown): boolean {
  const cause = error instanceof UserError ? error.cause : error;
  return /^SQLITE_(FULL|IOERR_SHM)/.test(sqliteCode(cause));
}

/** SQLite's failures that a user can mend become a UserError; anything else is returned as it is. */
export function explain(error: unknown, path: string): unknown {
  const code = sqliteCode(error);
  const lost = code.startsWith('SQLITE_NOTADB') && listBackups(dirname(path)).length > 0;
  if (code.startsWith('SQLITE_CORRUPT') || lost) return damagedError(path, code, error);
  return homeError(path, code, error);
}

/** As SQLite's result code says it, also where a file beside the database shows it first; `cause` for any other code. */
export function homeError(path: string, code: string, cause: unknown): unknown {
  const found = EXPLANATIONS.find(([prefix]) => code.startsWith(prefix));
  if (!found) return cause;
  const [, problem, fix] = found;
  return new UserError({ code: 'bad-home', problem: `${path} ${problem} (${code})`, fix }, { cause });
}
