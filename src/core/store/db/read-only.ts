/** Homes that cannot be written: archives, disks that are mounted for reading, homes of other users. */
import { accessSync, chmodSync, constants, copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { DATABASE, databaseOf } from '../home/home-paths.ts';
import { Connection, explain, homeError } from './connection.ts';
import { type Migration, migrate } from './migrations.ts';

/**
 * Opens a database for reading: in its place if SQLite can, else as a copy, which is where its log must be worked in or
 * its schema is of an earlier version. Throws UserError where it cannot be read.
 */
export function openReadOnly(
  path: string,
  migrations: Migration[],
  prepare: (database: Database.Database) => void,
): Connection {
  const direct = openDirectly(path, migrations.length);
  if (direct !== null) {
    prepare(direct);
    return new Connection(path, direct, { readOnly: true });
  }
  try {
    accessSync(path, constants.R_OK);
  } catch (error) {
    throw homeError(path, 'SQLITE_CANTOPEN', error);
  }
  const copy = mkdtempSync(join(tmpdir(), 'tessera-read-only-'));
  let database: Database.Database | null = null;
  try {
    for (const end of ['', '-wal']) {
      if (!existsSync(`${path}${end}`)) continue;
      const own = join(copy, `${DATABASE}${end}`);
      copyFileSync(`${path}${end}`, own);
      // A copy has the permissions of its file, which may be to read it alone.
      chmodSync(own, 0o600);
    }
    database = new Database(databaseOf(copy));
    migrate(database, databaseOf(copy), migrations);
    database.pragma('query_only = ON');
    prepare(database);
    return new Connection(path, database, { readOnly: true, copy });
  } catch (error) {
    database?.close();
    rmSync(copy, { recursive: true, force: true });
    throw explain(error, path);
  }
}

function openDirectly(path: string, version: number): Database.Database | null {
  let database: Database.Database | null = null;
  try {
    database = new Database(path, { readonly: true });
    if (database.pragma('user_version', { simple: true }) === version) return database;
  } catch {
    // SQLite cannot make its shared memory beside the file.
  }
  database?.close();
  return null;
}
