import {
  chmodSync,
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { UserError } from '../../errors.ts';
import { type DataSource, dataKey } from '../../evaluation/same-data.ts';
import { countText } from '../../names.ts';
import { shippedFolder } from '../../resources.ts';
import { holdsDatabase, stamp } from '../home/home-paths.ts';
import { homeFix } from './connection.ts';

/** What marks a database as one of this program: the first migration writes it. */
export const APPLICATION_ID = 0x54657373;

export interface Migration {
  /** Schema version once it has run: 1, 2, 3 … */
  version: number;
  name: string;
  sql: string;
}

/** The folder of SQL migrations that ships with the program. */
export function shippedMigrations(): string {
  return shippedFolder('migrations');
}

/** Reads NNN-name.sql files; their numbers must run from 1 without a gap. */
export function readMigrations(folder: string): Migration[] {
  const files = readdirSync(folder)
    .filter((name) => /^\d{3}-.+\.sql$/.test(name))
    .sort();
  return files.map((name, index) => {
    const version = Number(name.slice(0, 3));
    if (version !== index + 1) throw new Error(`migration ${name} should have number ${index + 1}`);
    return { version, name, sql: readFileSync(join(folder, name), 'utf8') };
  });
}

/**
 * Brings the schema up to date: all pending migrations in one transaction, after a backup copy of a
 * database that holds something. The version is read again under the write lock, so of two
 * processes that open at once one migrates and the other finds nothing left to do.
 * Throws UserError where the schema is newer than the migrations or the file is another program's.
 */
export function migrate(database: Database.Database, path: string, migrations: Migration[]): void {
  if (schemaVersion(database, path, migrations.length) === migrations.length) return;
  // Rebuilding a table under a foreign key is only possible without enforcement, and the pragma
  // does nothing inside a transaction.
  database.pragma('foreign_keys = OFF');
  addFunctions(database);
  try {
    database.exec('BEGIN IMMEDIATE');
    const current = schemaVersion(database, path, migrations.length);
    if (current === 0) refuseForeign(database, path);
    if (current > 0 && current < migrations.length) backUp(path, current);
    for (const migration of migrations.slice(current)) apply(database, migration);
    database.exec('COMMIT');
  } finally {
    if (database.inTransaction) database.exec('ROLLBACK');
    database.pragma('foreign_keys = ON');
  }
}

/** What migrations call, and nothing else does. */
function addFunctions(database: Database.Database): void {
  database.function('data_key', { deterministic: true }, (summary) =>
    dataKey(JSON.parse(String(summary)) as DataSource),
  );
}

/** Whether a database is of an earlier version, and has to be migrated before it is used. */
export function isOutdated(path: string, latest = readMigrations(shippedMigrations()).length): boolean {
  if (!holdsDatabase(path)) return false;
  try {
    const database = new Database(path, { readonly: true });
    try {
      const version = Number(database.pragma('user_version', { simple: true }));
      return version > 0 && version < latest;
    } finally {
      database.close();
    }
  } catch {
    // Whoever opens it says what is wrong.
    return false;
  }
}

function apply(database: Database.Database, migration: Migration): void {
  database.exec(migration.sql);
  database.pragma(`user_version = ${migration.version}`);
  const violations = database.pragma('foreign_key_check');
  if (Array.isArray(violations) && violations.length > 0) {
    throw new Error(
      `migration ${migration.name} leaves ${countText(violations.length, 'dangling reference')}`,
    );
  }
}

function schemaVersion(database: Database.Database, path: string, latest: number): number {
  const version = Number(database.pragma('user_version', { simple: true }));
  if (version > latest) {
    throw new UserError({
      code: 'bad-home',
      problem: `${path} was written by a newer version of Tessera (schema ${version}; this one reads up to ${latest})`,
      fix: homeFix('update Tessera'),
    });
  }
  return version;
}

function refuseForeign(database: Database.Database, path: string): void {
  if (database.prepare('SELECT count(*) FROM sqlite_master').pluck().get() === 0) return;
  throw new UserError({
    code: 'bad-home',
    problem: `${path} belongs to another program`,
    fix: homeFix('move it away'),
  });
}

/** Of backups that a kill has cut short, each as large as the database; whoever holds the write lock writes the only one. */
function removeLeftOvers(path: string): void {
  const [folder, name] = [dirname(path), basename(path, '.db')];
  for (const file of readdirSync(folder))
    if (file.startsWith(`${name}-before-migration-from-`) && /\.db\.partial(?:-journal)?$/.test(file))
      rmSync(join(folder, file), { force: true });
}

/** Copies the database as last committed. The caller holds the write lock, so nothing changes meanwhile. */
function backUp(path: string, version: number): void {
  // Another database of that version may have been migrated here before.
  const backup = `${path.replace(/\.db$/, '')}-before-migration-from-${version}-${stamp()}.db`;
  const partial = `${backup}.partial`;
  removeLeftOvers(path);
  const reader = new Database(path, { readonly: true });
  try {
    reader.prepare('VACUUM INTO ?').run(partial);
  } finally {
    reader.close();
  }
  chmodSync(partial, 0o600);
  const file = openSync(partial, 'r+');
  fsyncSync(file);
  closeSync(file);
  renameSync(partial, backup);
}
