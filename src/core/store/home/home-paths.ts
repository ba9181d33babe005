import { existsSync, readdirSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import { isInside } from '../../files/inside.ts';

/** The database of a home: a folder with one is a home. */
export const DATABASE = 'tessera.db';

/** What of the database is in no folder of a run or a data set, as a file. */
export const HOME_FILE = 'home.json';

export function databaseOf(home: string): string {
  return join(home, DATABASE);
}

/**
 * Whether a file is more than the beginning of a database. SQLite must not open an empty one that is not new: it removes
 * the log beside it, which may hold all there is.
 */
export function holdsDatabase(path: string): boolean {
  return bytesOf(path) > 0;
}

/** Bytes of a file: 0 where it is missing, infinitely many where it exists but may not be looked at. */
export function bytesOf(path: string): number {
  try {
    return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

export function isHome(folder: string): boolean {
  return existsSync(databaseOf(folder));
}

/** Entries of a folder in a home, without hidden files and unfinished imports; none where the folder is missing. */
export function entriesOf(home: string, folder: string): string[] {
  try {
    return readdirSync(join(home, folder)).filter((name) => !name.startsWith('.'));
  } catch {
    return [];
  }
}

/** The present moment, in UTC and to the millisecond, in the name of a file: "20260102-030405006". */
export function stamp(): string {
  return new Date().toISOString().slice(0, -1).replaceAll(/[-:.]/g, '').replace('T', '-');
}

/** How a path is stored: relative to the home with "/", so that the home can be moved; outside of it as it is. */
export function storedPath(home: string, path: string): string {
  const inside = relative(home, path);
  return inside === '' || !isInside(home, path) ? path : inside.split(sep).join('/');
}

/** The absolute path of a stored one. Earlier versions stored absolute paths, which name the old place of a moved home. */
export function pathOf(home: string, stored: string): string {
  if (!isAbsolute(stored) && !/^[A-Za-z]:[\\/]/.test(stored)) return join(home, stored);
  const inRun = /[\\/](runs[\\/][^\\/]+[\\/]checkpoints[\\/][^\\/]+)$/.exec(stored)?.[1];
  const here = inRun === undefined ? stored : join(home, ...inRun.split(/[\\/]/));
  return existsSync(here) ? here : stored;
}
