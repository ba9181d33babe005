/** What is wrong with a home: damage, a lack of permission, or nothing. */
import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { CancelledError, messageOf, UserError } from '../../errors.ts';
import { isInside } from '../../files/inside.ts';
import { databaseOf, holdsDatabase } from '../home/home-paths.ts';
import { explain, homeError, sqliteCode } from './connection.ts';
import { damagedError } from './damage.ts';
import { isReadOnly } from './open.ts';

/**
 * What SQLite's quick check finds wrong with a database, or null.
 * Throws UserError where it cannot be read at all, which says nothing about what is in it.
 */
export function foundProblem(path: string): string | null {
  if (existsSync(path) && !holdsDatabase(path)) return 'it is empty';
  try {
    const database = new Database(path, { readonly: true });
    try {
      const found = String(database.pragma('quick_check(1)', { simple: true }));
      return found === 'ok' ? null : found.replaceAll(/\s+/g, ' ');
    } finally {
      database.close();
    }
  } catch (error) {
    if (/^SQLITE_(CORRUPT|NOTADB)/.test(sqliteCode(error))) return messageOf(error);
    throw explain(error, path);
  }
}

/** Replaces an error by one about the home, if the home is the reason: its folder cannot be written, or SQLite's own check fails. */
export function explainFailure(error: unknown, home: string): unknown {
  if (error instanceof UserError || error instanceof CancelledError) return error;
  const path = databaseOf(home);
  if (isDenied(error, home)) return homeError(path, 'SQLITE_READONLY', error);
  const found = damageOf(path);
  return found === null ? error : damagedError(path, found, error);
}

function damageOf(path: string): string | null {
  try {
    return foundProblem(path);
  } catch {
    return null;
  }
}

/** Whether a file of a home that cannot be written was to be. */
function isDenied(error: unknown, home: string): boolean {
  if (!(error instanceof Error && 'code' in error && 'path' in error)) return false;
  const { code, path } = error;
  const denied = ['EROFS', 'EACCES', 'EPERM'].includes(String(code)) && isInside(home, String(path));
  return denied && isReadOnly(home);
}
