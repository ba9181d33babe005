/** Which files a call may have read: from the browser, those that were dropped on it. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UserError } from '../errors.ts';
import { isInside } from './inside.ts';

const scope = new AsyncLocalStorage<string | null>();

/** Runs work that may read inside `folder` alone, or anything where that is null. */
export function readingOnly<T>(folder: string | null, work: () => T): T {
  return scope.run(folder, work);
}

/** The folder that the running work may read, or null where it may read anything. */
export function readableFolder(): string | null {
  return scope.getStore() ?? null;
}

/**
 * Throws UserError for a path that leads out of the folder that the running work may read, links included. A missing file
 * is left to whoever opens it.
 */
export function requireReadable(paths: readonly string[]): void {
  const folder = readableFolder();
  if (folder === null) return;
  for (const path of paths) {
    if (isInside(folder, path) && isInside(real(folder), real(path))) continue;
    throw new UserError(
      `${path}: only dropped files can be read from the browser; drop the file on the window, or start the run on the command line`,
    );
  }
}

/** Whether a path that may not be there yet lies in a folder, links included. */
export function liesIn(folder: string, path: string): boolean {
  for (let there = resolve(path); ; there = dirname(there)) {
    if (existsSync(there)) return isInside(folder, path) && isInside(real(folder), real(there));
    if (there === dirname(there)) return false;
  }
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
