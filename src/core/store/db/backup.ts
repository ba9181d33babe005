/** Backups of a home's database, in <home>/backups/: made by command and now and then by themselves. */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { z } from 'zod';
import { messageOf, UserError } from '../../errors.ts';
import { freeBytes, noRoomError, syncPath } from '../../files/durable.ts';
import { databaseOf, entriesOf, holdsDatabase } from '../home/home-paths.ts';
import { explainFailure, foundProblem } from './check.ts';
import { explain, homeError, isBusy, sqliteCode } from './connection.ts';
import { type Backup, listBackups } from './damage.ts';
import { isReadOnly, openConnection } from './open.ts';

/** A backup is made when the newest is this old; of those made without a command so many are kept. */
const DUE_AFTER_MS = 24 * 3_600_000;
const MAX_AUTOMATIC = 3;
/** A copy is its user's alone, as the database is. */
const PRIVATE = 0o600;
/** How long a restored database waits for whoever has the home's open, and how often it tries. */
const ALONE_WITHIN_MS = 1_000;
const TRY_EVERY_MS = 200;
const AUTOMATIC_NAME = /^tessera-\d{8}-\d{9}\.db$/;

/**
 * Writes a checked copy of the database while others may work on with it.
 * @param target a file; default: a new one in the home's folder of backups
 * @throws UserError where the database is damaged, the target is there already or the disk is full
 */
export async function backUp(home: string, target = newTarget(home)): Promise<Backup> {
  const path = databaseOf(home);
  if (!holdsDatabase(path)) throw new UserError(`${home}: there is no database in it to back up`);
  if (existsSync(target)) throw new UserError(`${target} is there already; name another file`);
  const partial = join(dirname(target), `.${basename(target)}.partial`);
  try {
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    const database = new Database(path, { readonly: true });
    try {
      await database.backup(partial);
    } finally {
      database.close();
    }
    const problem = foundProblem(partial);
    if (problem !== null) throw new UserError(`${path} is damaged (${problem}): no backup was made of it`);
    chmodSync(partial, PRIVATE);
    syncPath(partial);
    renameSync(partial, target);
    syncPath(dirname(target));
  } catch (error) {
    const advice = { kept: 'no backup was made', fix: 'free some space', again: 'back up again' };
    const noRoom = noRoomError(sizeError(error, partial, path) ?? error, dirname(target), advice);
    if (noRoom) throw noRoom;
    if (isReadOnly(home)) throw homeError(path, 'SQLITE_READONLY', error);
    if (sqliteCode(error) !== '') throw explain(error, path);
    throw error instanceof UserError ? error : new UserError(messageOf(error));
  } finally {
    for (const end of ['', '-wal', '-shm', '-journal']) rmSync(`${partial}${end}`, { force: true });
  }
  return { path: target, at: statSync(target).mtimeMs };
}

/** SQLite does not tell why it could not write a copy: this asks Node for a file as large. Returns its error, or null. */
function sizeError(error: unknown, copy: string, path: string): unknown {
  if (!sqliteCode(error).startsWith('SQLITE_IOERR')) return null;
  try {
    writeFileSync(copy, '', { mode: PRIVATE });
    truncateSync(copy, statSync(path).size);
    return null;
  } catch (failure) {
    return failure;
  }
}

/**
 * Checks the database, and backs it up where the newest backup is more than a day old and the disk has room. Of the
 * backups that were made by themselves the newest few are kept.
 * @throws UserError where the database is damaged
 */
export async function backUpWhenDue(home: string, now = Date.now()): Promise<Backup | null> {
  const [newest] = listBackups(home);
  if (newest && now - newest.at < DUE_AFTER_MS) return null;
  const free = freeBytes(home);
  if (free !== null && free < 3 * statSync(databaseOf(home)).size) return null;
  const made = await backUp(home);
  const automatic = listBackups(home).filter((backup) => AUTOMATIC_NAME.test(basename(backup.path)));
  for (const old of automatic.slice(MAX_AUTOMATIC)) rmSync(old.path, { force: true });
  return made;
}

export interface Restored {
  /** Where the database is that was there; null where none was. */
  replaced: string | null;
  /** Runs and data sets that the home has and the backup does not know; their folders stay. */
  unknown: { runs: Named[]; datasets: Named[] };
}

/**
 * Puts a backup in the database's place; what was there stays beside it under another name.
 * @throws UserError where the backup is damaged, another process has the database open, or the home cannot be written
 */
export async function restoreBackup(home: string, backup: string): Promise<Restored> {
  const path = databaseOf(home);
  if (isReadOnly(home)) throw homeError(path, 'SQLITE_READONLY', null);
  if (!existsSync(backup))
    throw new UserError(`${backup}: no such file; "tessera backup list" names the backups`);
  const problem = foundProblem(backup);
  if (problem !== null) throw new UserError(`${backup} is damaged (${problem}): choose another backup`);
  await requireAlone(home);
  const unknown = {
    runs: unknownTo(backup, home, 'runs'),
    datasets: unknownTo(backup, home, 'datasets'),
  };
  let replaced: string | null = null;
  const partial = join(home, '.tessera.db.partial');
  try {
    copyFileSync(backup, partial);
    chmodSync(partial, PRIVATE);
    syncPath(partial);
    replaced = moveAside(path);
    renameSync(partial, path);
    syncPath(home);
  } catch (error) {
    throw explainFailure(error, home);
  } finally {
    rmSync(partial, { force: true });
  }
  return { replaced, unknown };
}

/**
 * Begins an empty database in a home that has lost its own. Folders of runs and data sets stay as they are, unknown to it.
 * @throws UserError where there is a database
 */
export function beginNew(home: string): void {
  const path = databaseOf(home);
  if (holdsDatabase(path)) {
    throw new UserError(`${path} is there already: move it away first, or choose another home with --home`);
  }
  moveAside(path);
  openConnection(home, undefined, { begin: true }).close();
}

/**
 * Gives the database another name, and its log, which SQLite would apply to whatever comes in its place. Returns that name;
 * null where no database was.
 */
function moveAside(path: string): string | null {
  const aside = join(dirname(path), `tessera-replaced-${stamp()}.db`);
  const ends = ['', '-wal', '-shm'].filter((end) => existsSync(`${path}${end}`));
  for (const end of ends) renameSync(`${path}${end}`, `${aside}${end}`);
  return ends.includes('') ? aside : null;
}

const namedRow = z.object({ id: z.string(), name: z.string() });
type Named = z.output<typeof namedRow>;

/** What the home's database or a folder of its own knows, and the backup does not. */
function unknownTo(backup: string, home: string, table: 'runs' | 'datasets'): Named[] {
  const known = new Set(namedIn(backup, table).map(({ id }) => id));
  const folders = entriesOf(home, table).map((id) => ({ id, name: id }));
  const all = new Map([...folders, ...namedIn(databaseOf(home), table)].map((entry) => [entry.id, entry]));
  return [...all.values()].filter(({ id }) => !known.has(id));
}

/** Of a database that cannot be read, nothing. */
function namedIn(path: string, table: string): Named[] {
  if (!holdsDatabase(path)) return [];
  try {
    const database = new Database(path, { readonly: true });
    try {
      return z.array(namedRow).parse(database.prepare(`SELECT id, name FROM ${table} ORDER BY id`).all());
    } finally {
      database.close();
    }
  } catch {
    return [];
  }
}

async function requireAlone(home: string): Promise<void> {
  for (const deadline = Date.now() + ALONE_WITHIN_MS; isInUse(home); await pause(TRY_EVERY_MS)) {
    if (Date.now() > deadline) {
      throw new UserError(
        `another program works in ${home}: end it (a command line, another Tessera), then try again`,
      );
    }
  }
}

/** While another process has the database open, SQLite does not leave its log. A damaged one is used by nobody. */
function isInUse(home: string): boolean {
  if (!holdsDatabase(databaseOf(home))) return false;
  try {
    const database = new Database(databaseOf(home), { timeout: TRY_EVERY_MS });
    try {
      database.pragma('journal_mode = DELETE');
    } finally {
      database.close();
    }
    return false;
  } catch (error) {
    return isBusy(error);
  }
}

function stamp(): string {
  return new Date().toISOString().slice(0, -1).replaceAll(/[-:.]/g, '').replace('T', '-');
}

function newTarget(home: string): string {
  return join(home, 'backups', `tessera-${stamp()}.db`);
}
