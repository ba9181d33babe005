import { accessSync, chmodSync, constants, existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { messageOf, UserError } from '../../errors.ts';
import { clip } from '../../names.ts';
import { databaseOf, entriesOf } from '../home/home-paths.ts';
import { Connection, explain, isFull, sqliteCode } from './connection.ts';
import { refuseLostDatabase } from './damage.ts';
import { foldCase } from './fold-case.ts';
import { type Migration, migrate, readMigrations, shippedMigrations } from './migrations.ts';
import { openReadOnly } from './read-only.ts';

const BUSY_MS = 15_000;
/** The longest path that SQLite opens is 512 bytes, with the names of its own files beside the database. */
const MAX_PATH = 490;

/**
 * Opens `<home>/tessera.db` with an up-to-date schema, creating home and database where they are missing, for their user
 * alone. A home that cannot be written is opened for reading.
 * Throws UserError where the home cannot be used or has lost its database (unless a new one is to `begin`), or the file is
 * damaged, another program's or of a newer schema.
 */
export function openConnection(
  home: string,
  migrationsFolder = shippedMigrations(),
  { begin = false } = {},
): Connection {
  const path = databaseOf(home);
  const migrations = readMigrations(migrationsFolder);
  if (!begin) refuseLostDatabase(home);
  if (isReadOnly(home)) return openReadOnly(path, migrations, addFunctions);
  createHome(home, path);
  const open = (alone: boolean) => openToWrite(path, migrations, alone);
  try {
    return open(false);
  } catch (error) {
    if (isFull(error)) return open(true);
    throw error;
  }
}

/** Makes a database under another name in a home, in the place of whatever has it. */
export function createDatabase(path: string): Connection {
  for (const end of ['', '-wal', '-shm', '-journal']) rmSync(`${path}${end}`, { force: true });
  return openToWrite(path, readMigrations(shippedMigrations()), false);
}

/**
 * `alone` keeps every other process out, and needs no shared memory beside the database: a full disk has no room for that.
 */
function openToWrite(path: string, migrations: Migration[], alone: boolean): Connection {
  const isNew = !existsSync(path);
  let database: Database.Database | null = null;
  try {
    database = new Database(path, { timeout: BUSY_MS });
    if (alone) database.pragma('locking_mode = EXCLUSIVE');
    // What SQLite makes beside it takes the same permissions.
    if (isNew) chmodSync(path, 0o600);
    // Before the journal mode, so that another program's file is left as it is.
    migrate(database, path, migrations);
    // Homes of earlier versions, and those that were copied, may be open to others.
    makePrivate(dirname(path));
    enableWriteAheadLog(database);
    database.pragma('synchronous = NORMAL');
    database.pragma('foreign_keys = ON');
    addFunctions(database);
    return new Connection(path, database);
  } catch (error) {
    database?.close();
    throw explain(error, path);
  }
}

function addFunctions(database: Database.Database): void {
  database.function('fold_case', { deterministic: true }, (text) =>
    typeof text === 'string' ? foldCase(text) : text,
  );
}

/** Whether there is a database in a place that cannot be written. */
export function isReadOnly(home: string): boolean {
  const path = databaseOf(home);
  if (!existsSync(path)) return false;
  try {
    for (const place of [home, path]) accessSync(place, constants.W_OK);
    return false;
  } catch {
    return true;
  }
}

function createHome(home: string, path: string): void {
  const fix = { cli: 'choose another with --home', window: 'choose another folder' };
  if (Buffer.byteLength(path) > MAX_PATH) {
    const problem = `the path of the home is too long: ${clip(home)}, ${home.length} characters`;
    throw new UserError({ code: 'bad-home', problem, fix });
  }
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new UserError({
      code: 'bad-home',
      problem: `cannot create the home ${home} (${messageOf(error)})`,
      fix,
    });
  }
}

/** Gives a home the permissions of a new one, as far as they are this user's to give. */
function makePrivate(home: string): void {
  if (process.platform === 'win32') return;
  const copies = [
    ...entriesOf(home, '.').filter((name) => /^tessera.*\.db(-wal|-shm)?$/.test(name)),
    ...entriesOf(home, 'backups').map((name) => join('backups', name)),
  ];
  const folders = ['', 'backups', 'datasets', 'plans', 'plugins', 'runs', 'uploads'];
  for (const [names, mode] of [[folders, 0o700] as const, [copies, 0o600] as const]) {
    for (const name of names) {
      try {
        const path = join(home, name);
        if ((statSync(path).mode & 0o777) !== mode) chmodSync(path, mode);
      } catch {
        // It is not there, or another user's.
      }
    }
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
