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
import { databaseOf, entriesOf, HOME_FILE, holdsDatabase, stamp } from '../home/home-paths.ts';
import { explainFailure, foundProblem } from './check.ts';
import { explain, homeError, isBusy, sqliteCode } from './connection.ts';
import { type Backup, listBackups } from './damage.ts';
import { APPLICATION_ID, readMigrations, shippedMigrations } from './migrations.ts';
import { isReadOnly, openConnection } from './open.ts';

const DAY_MS = 24 * 3_600_000;
/** Of the backups made without a command the newest of each day, week and month are kept: so many of each. */
const KEPT = { days: 3, weeks: 3, months: 3 };
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
    await copySnapshot(path, partial);
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
    removeDatabase(partial);
  }
  return { path: target, at: statSync(target).mtimeMs };
}

/** Copies one state of the database in steps: others read and write on, and this thread does other things in between. */
async function copySnapshot(path: string, copy: string): Promise<void> {
  const database = new Database(path, { readonly: true });
  try {
    // While this is open, SQLite does not begin the copy again at each commit of another process.
    database.prepare('BEGIN').run();
    database.prepare('SELECT count(*) FROM sqlite_master').get();
    await database.backup(copy);
  } finally {
    database.close();
  }
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
 * Checks the database, and backs it up where there is no backup of the last day and the disk has room. Of the backups that
 * were made by themselves some of the last days, weeks and months are kept.
 * @throws UserError where the database is damaged
 */
export async function backUpWhenDue(home: string, now = Date.now()): Promise<Backup | null> {
  // One of the future is of a clock that was ahead: it says nothing of today.
  if (listBackups(home).some(({ at }) => Math.abs(now - at) < DAY_MS)) return null;
  const free = freeBytes(home);
  if (free !== null && free < 3 * statSync(databaseOf(home)).size) return null;
  const made = await backUp(home);
  const automatic = listBackups(home).filter(({ path }) => AUTOMATIC_NAME.test(basename(path)));
  const kept = new Set([made.path, ...keptOf(automatic)]);
  for (const { path } of automatic) if (!kept.has(path)) rmSync(path, { force: true });
  return made;
}

/** Counted in days, weeks and months that have a backup, so that a clock that jumps ahead makes none old. */
function keptOf(backups: readonly Backup[]): string[] {
  return Object.values(keptByPeriod(backups)).flat();
}

/** The paths of those that are kept as the newest of a day, a week or a month. */
function keptByPeriod(backups: readonly Backup[]): Record<keyof typeof KEPT, string[]> {
  const newest = (count: number, periodOf: (backup: Backup) => number | string) =>
    [...Map.groupBy(backups, periodOf).values()].map(([{ path }]) => path).slice(0, count);
  return {
    days: newest(KEPT.days, ({ at }) => Math.floor(at / DAY_MS)),
    weeks: newest(KEPT.weeks, ({ at }) => Math.floor(at / (7 * DAY_MS))),
    months: newest(KEPT.months, ({ at }) => new Date(at).toISOString().slice(0, 7)),
  };
}

/** A backup of a home as it is listed: what it is kept for, the shortest first; null for one that a command or an update made. */
export interface ListedBackup {
  of: keyof typeof KEPT | null;
  /** Unix milliseconds. */
  at: number;
  bytes: number;
}

/** Newest first. */
export function backupsByPeriod(home: string): ListedBackup[] {
  const all = listBackups(home);
  const kept = keptByPeriod(all.filter(({ path }) => AUTOMATIC_NAME.test(basename(path))));
  const periods = Object.keys(KEPT) as (keyof typeof KEPT)[];
  return all.map(({ path, at }) => ({
    of: periods.find((period) => kept[period].includes(path)) ?? null,
    at,
    bytes: statSync(path).size,
  }));
}

/** As `backUpWhenDue`, for a command of a home that nothing else backs up; not on the first day of one. */
export async function backUpAfterCommand(home: string, now = Date.now()): Promise<Backup | null> {
  const isNew = listBackups(home).length === 0 && now - statSync(databaseOf(home)).birthtimeMs < DAY_MS;
  return isNew ? null : backUpWhenDue(home, now);
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
  requireOwn(backup);
  await requireAlone(home);
  const partial = join(home, '.tessera.db.partial');
  try {
    // One that was copied out of a home in use has its last commits in a log beside it.
    for (const end of ['', '-wal']) {
      if (existsSync(`${backup}${end}`)) copyFileSync(`${backup}${end}`, `${partial}${end}`);
    }
    joinLog(partial);
    const unknown = {
      runs: unknownTo(partial, home, 'runs'),
      datasets: unknownTo(partial, home, 'datasets'),
    };
    chmodSync(partial, PRIVATE);
    syncPath(partial);
    const replaced = moveAside(path);
    renameSync(partial, path);
    syncPath(home);
    return { replaced, unknown };
  } catch (error) {
    throw explainFailure(error, home);
  } finally {
    removeDatabase(partial);
  }
}

/** Throws UserError for what is damaged, of another program, or of a later version of this one. */
function requireOwn(backup: string): void {
  const problem = foundProblem(backup);
  if (problem !== null) throw new UserError(`${backup} is damaged (${problem}): choose another backup`);
  const database = new Database(backup, { readonly: true });
  try {
    const of = (name: string) => Number(database.pragma(name, { simple: true }));
    if (of('application_id') !== APPLICATION_ID || of('user_version') === 0)
      throw new UserError(`${backup} belongs to another program: choose a backup of Tessera`);
    const latest = readMigrations(shippedMigrations()).length;
    if (of('user_version') > latest)
      throw new UserError(`${backup} was written by a newer version of Tessera: update Tessera first`);
  } finally {
    database.close();
  }
}

/** Brings a copied database's log into its one file. */
function joinLog(path: string): void {
  const database = new Database(path);
  try {
    database.pragma('journal_mode = DELETE');
  } finally {
    database.close();
  }
}

export function removeDatabase(path: string): void {
  for (const end of ['', '-wal', '-shm', '-journal']) rmSync(`${path}${end}`, { force: true });
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
  // The file of the new home says nothing of what the old one had.
  const file = join(home, HOME_FILE);
  if (existsSync(file)) renameSync(file, join(home, `home-replaced-${stamp()}.json`));
  openConnection(home, undefined, { begin: true }).close();
}

/**
 * Gives the database another name, and its log, which SQLite would apply to whatever comes in its place. Returns that name;
 * null where no database was.
 */
export function moveAside(path: string): string | null {
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

export async function requireAlone(home: string): Promise<void> {
  for (const deadline = Date.now() + ALONE_WITHIN_MS; isInUse(home); await pause(TRY_EVERY_MS)) {
    if (Date.now() > deadline) {
      throw new UserError(
        `${home} is open in another process; close Tessera and running commands, then try again`,
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

function newTarget(home: string): string {
  return join(home, 'backups', `tessera-${stamp()}.db`);
}
