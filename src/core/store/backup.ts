/** Backups of a home's database, in <home>/backups/: made by command and now and then by themselves. */
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { messageOf, UserError } from '../errors.ts';
import { diskFullError, freeBytes, isDiskFull, syncPath } from '../files/durable.ts';
import { explain, sqliteCode } from './connection.ts';
import { type Backup, foundProblem, listBackups } from './damage.ts';
import { HeldDatabase } from './held-database.ts';
import { databaseOf, isHome } from './home-paths.ts';

/** How old the newest backup may get, and how many of those made by themselves are kept. */
const DUE_AFTER_MS = 24 * 3_600_000;
const KEPT = 3;
const OWN_NAME = /^tessera-\d{8}-\d{9}\.db$/;

/**
 * Writes a checked copy of the database while others may work on with it.
 * @param target a file; default: a new one in the home's folder of backups
 * @throws UserError where the database is damaged, the target is there already or the disk is full
 */
export async function backUp(home: string, target = newTarget(home)): Promise<Backup> {
  const path = databaseOf(home);
  if (!existsSync(path)) throw new UserError(`${home}: there is no database in it to back up`);
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
    syncPath(partial);
    renameSync(partial, target);
    syncPath(dirname(target));
  } catch (error) {
    if (isDiskFull(error))
      throw diskFullError(dirname(target), { kept: 'no backup was made', fix: 'free some space' });
    if (sqliteCode(error) === '') throw error instanceof UserError ? error : new UserError(messageOf(error));
    throw explain(error, path);
  } finally {
    for (const end of ['', '-wal', '-shm', '-journal']) rmSync(`${partial}${end}`, { force: true });
  }
  return { path: target, at: statSync(target).mtimeMs };
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
  const own = listBackups(home).filter((backup) => OWN_NAME.test(basename(backup.path)));
  for (const old of own.slice(KEPT)) rmSync(old.path, { force: true });
  return made;
}

/**
 * Puts a backup in the database's place; what was there stays beside it under another name, which is returned.
 * @throws UserError where the backup is damaged, or another process has the database open
 */
export async function restoreBackup(home: string, backup: string): Promise<string | null> {
  const path = databaseOf(home);
  if (!existsSync(backup))
    throw new UserError(`${backup}: no such file; "tessera backup list" names the backups`);
  const problem = foundProblem(backup);
  if (problem !== null) throw new UserError(`${backup} is damaged (${problem}): choose another backup`);
  await requireAlone(home);
  const replaced = existsSync(path) ? join(home, `tessera-replaced-${stamp()}.db`) : null;
  const partial = join(home, '.tessera.db.partial');
  try {
    copyFileSync(backup, partial);
    syncPath(partial);
    for (const end of replaced === null ? [] : ['', '-wal', '-shm']) {
      if (existsSync(`${path}${end}`)) renameSync(`${path}${end}`, `${replaced}${end}`);
    }
    renameSync(partial, path);
    syncPath(home);
  } finally {
    rmSync(partial, { force: true });
  }
  return replaced;
}

/** A database that is damaged cannot be locked; then nobody works with it either. */
async function requireAlone(home: string): Promise<void> {
  if (!isHome(home)) return;
  try {
    (await HeldDatabase.hold(home, 1_000)).release();
  } catch (error) {
    if (error instanceof UserError) throw error;
  }
}

function stamp(): string {
  return new Date().toISOString().slice(0, -1).replaceAll(/[-:.]/g, '').replace('T', '-');
}

function newTarget(home: string): string {
  return join(home, 'backups', `tessera-${stamp()}.db`);
}
