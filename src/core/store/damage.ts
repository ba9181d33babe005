/** A database that is damaged: how that is found out, and what can be done about it. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { z } from 'zod';
import { CancelledError, messageOf, UserError } from '../errors.ts';
import { databaseOf } from './home-paths.ts';

export interface Backup {
  path: string;
  /** When it was made, in Unix milliseconds. */
  at: number;
}

/** The backups of a home, those before migrations included, newest first. */
export function listBackups(home: string): Backup[] {
  const found = [
    ...namesIn(join(home, 'backups')).map((name) => join(home, 'backups', name)),
    ...namesIn(home)
      .filter((name) => name.startsWith('tessera-before-migration-'))
      .map((name) => join(home, name)),
  ];
  return found
    .filter((path) => path.endsWith('.db'))
    .map((path) => ({ path, at: statSync(path).mtimeMs }))
    .sort((a, b) => b.at - a.at);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => !name.startsWith('.'));
  } catch {
    return [];
  }
}

/** What SQLite's quick check finds wrong with a database, or null. */
export function foundProblem(path: string): string | null {
  try {
    const database = new Database(path, { readonly: true });
    try {
      const found = String(database.pragma('quick_check(1)', { simple: true }));
      return found === 'ok' ? null : found.replaceAll(/\s+/g, ' ');
    } finally {
      database.close();
    }
  } catch (error) {
    return messageOf(error);
  }
}

/** Says that the database is damaged, and which backup there is. */
export function damagedError(path: string, detail: string, cause?: unknown): UserError {
  const [newest] = listBackups(dirname(path));
  const advice =
    newest === undefined
      ? 'there is no backup of it: move it away to begin a new one; data sets and the files of runs stay where they are'
      : `restore the backup of ${new Date(newest.at).toISOString().slice(0, 10)}, ${newest.path}`;
  return new UserError(
    {
      code: 'bad-home',
      problem: `${path} is damaged (${detail})`,
      fix: {
        cli: newest === undefined ? advice : `${advice}, with "tessera backup restore"`,
        window: advice,
      },
    },
    { cause },
  );
}

/**
 * What went wrong with a home, in other words where its database turns out to be the reason: a row that is not as it was
 * written, or any defect while SQLite's own check fails.
 */
export function explainDamage(error: unknown, home: string): unknown {
  if (error instanceof UserError || error instanceof CancelledError) return error;
  const path = databaseOf(home);
  if (!existsSync(path)) return error;
  const found = foundProblem(path);
  if (found !== null) return damagedError(path, found, error);
  if (!(error instanceof z.ZodError)) return error;
  const [{ path: place, message }] = error.issues;
  return damagedError(path, `${place.join('.')}: ${message}`, error);
}
