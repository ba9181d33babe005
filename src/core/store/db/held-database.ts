import { rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { UserError } from '../../errors.ts';
import { databaseOf } from '../home/home-paths.ts';
import { sqliteCode } from './connection.ts';

const WAIT_MS = 10_000;
const RETRY_MS = 200;

/** A home's database while nobody else may use it, as a move of the home needs. */
export class HeldDatabase {
  readonly #database: Database.Database;

  private constructor(database: Database.Database) {
    this.#database = database;
  }

  /** Throws UserError where another process still has the database open after `waitMs`. */
  static async hold(home: string, waitMs = WAIT_MS): Promise<HeldDatabase> {
    const database = new Database(databaseOf(home), { timeout: RETRY_MS });
    try {
      await leaveWriteAheadLog(database, home, waitMs);
      database.exec('BEGIN EXCLUSIVE');
      return new HeldDatabase(database);
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /** Writes a checked copy. Reading the file itself would release SQLite's locks on it. */
  async copyTo(path: string): Promise<void> {
    for (;;) {
      const before = this.#version();
      this.#database.exec('COMMIT');
      rmSync(path, { force: true });
      await this.#database.backup(path);
      this.#database.exec('BEGIN EXCLUSIVE');
      // Somebody may have written in between.
      if (this.#version() === before) break;
    }
    const copy = new Database(path, { readonly: true });
    try {
      const found = copy.pragma('quick_check', { simple: true });
      if (found !== 'ok') throw new UserError(`${path} is not as it was written (${found}): check the disk`);
    } finally {
      copy.close();
    }
  }

  release(): void {
    if (this.#database.inTransaction) this.#database.exec('ROLLBACK');
    this.#database.close();
  }

  #version(): unknown {
    return this.#database.pragma('data_version', { simple: true });
  }
}

/** Only where no other process has the database open does SQLite leave its log, and all is in one file. */
async function leaveWriteAheadLog(database: Database.Database, home: string, waitMs: number): Promise<void> {
  for (const deadline = Date.now() + waitMs; ; await pause(RETRY_MS)) {
    try {
      database.pragma('journal_mode = DELETE');
      return;
    } catch (error) {
      if (!sqliteCode(error).startsWith('SQLITE_BUSY')) throw error;
      if (Date.now() > deadline) {
        throw new UserError(
          `another program works in ${home}: end it (a command line, another Tessera), then try again`,
        );
      }
    }
  }
}
