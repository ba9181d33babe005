import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { messageOf, UserError } from '../errors.ts';
import { Connection, explain, sqliteCode } from './connection.ts';
import { foldCase } from './fold-case.ts';
import { migrate, readMigrations, shippedMigrations } from './migrations.ts';

const BUSY_MS = 15_000;

/**
 * Opens `<home>/tessera.db` with an up-to-date schema, creating home and database where they are missing.
 * Throws UserError where the home cannot be written, or the file is damaged, another program's or of a
 * newer schema.
 */
export function openConnection(home: string, migrationsFolder = shippedMigrations()): Connection {
  try {
    mkdirSync(home, { recursive: true });
  } catch (error) {
    throw new UserError({
      code: 'bad-home',
      problem: `cannot create the home ${home} (${messageOf(error)})`,
      fix: { cli: 'choose another with --home', window: 'choose another folder' },
    });
  }
  const path = join(home, 'tessera.db');
  const migrations = readMigrations(migrationsFolder);
  let database: Database.Database | null = null;
  try {
    database = new Database(path, { timeout: BUSY_MS });
    // Before the journal mode, so that another program's file is left as it is.
    migrate(database, path, migrations);
    enableWriteAheadLog(database);
    database.pragma('synchronous = NORMAL');
    database.pragma('foreign_keys = ON');
    database.function('fold_case', { deterministic: true }, (text) =>
      typeof text === 'string' ? foldCase(text) : text,
    );
    return new Connection(path, database);
  } catch (error) {
    database?.close();
    throw explain(error, path);
  }
}

/** SQLite does not wait for its busy timeout when the journal mode changes, so this does. */
function enableWriteAheadLog(database: Database.Database): void {
  const deadline = Date.now() + BUSY_MS;
  for (;;) {
    try {
      database.pragma('journal_mode = WAL');
      return;
    } catch (error) {
      if (!sqliteCode(error).startsWith('SQLITE_BUSY') || Date.now() > deadline) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}
