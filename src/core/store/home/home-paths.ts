import { existsSync, readdirSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import { isInside } from '../../files/inside.ts';

/** The database of a home, which makes a folder one. */
export const DATABASE = 'tessera.db';

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

/** Of what is not there 0; of a file that may not be looked at infinitely many, for it is there. */
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

/** What a folder of a home holds, hidden files and unfinished imports aside; nothing where there is no such folder. */
export function entriesOf(home: string, folder: string): string[] {
  try {
    return readdirSync(join(home, folder)).filter((name) => !name.startsWith('.'));
  } catch {
    return [];
  }
}

/** How a path is stored: relative to the home with "/", so that the home can be moved; outside of it as it is. */
export function storedPath(home: string, path: string): string {
  const inside = relative(home, path);
  return inside === '' || !isInside(home, path) ? path : inside.split(sep).join('/');
}

/** The absolute path of a stored one. Homes of earlier versions stored absolute paths, also of where they once were. */
export function pathOf(home: string, stored: string): string {
  if (!isAbsolute(stored) && !/^[A-Za-z]:[\\/]/.test(stored)) return join(home, stored);
  const inRun = /[\\/](runs[\\/][^\\/]+[\\/]checkpoints[\\/][^\\/]+)$/.exec(stored)?.[1];
  const here = inRun === undefined ? stored : join(home, ...inRun.split(/[\\/]/));
  return existsSync(here) ? here : stored;
}
