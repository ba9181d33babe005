/** Which files a call may have read: from the browser, those that were dropped on it. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from '../errors.ts';
import { pathFrom } from './absolute-paths.ts';
import { isInside, realPath } from './inside.ts';

interface Readable {
  folders: readonly string[];
  /** What to do about what is refused. */
  advice: string;
}

const scope = new AsyncLocalStorage<Readable | null>();

const DROP =
  'only dropped files can be read from the browser; drop the file or folder on the window, or start the run on the command line';

/** Runs work that may read inside these folders alone, or anything where they are null. */
export function readingOnly<T>(folders: readonly string[] | null, work: () => T): T {
  return scope.run(folders && { folders, advice: DROP }, work);
}

/** Has the running work, and all that it begins, read inside these folders alone; inside none where there are none. */
export function readOnlyFrom(folders: readonly string[]): void {
  scope.enterWith({
    folders,
    advice: 'lies in no folder that may be read here; name its folder with --only-read (mcp: --folder)',
  });
}

/** The folders that the running work may read, or null where it may read anything. */
export function readableFolders(): readonly string[] | null {
  return scope.getStore()?.folders ?? null;
}

/**
 * Throws UserError for a path that leads out of what the running work may read, links included, be there a file or not.
 */
export function requireReadable(paths: readonly string[]): void {
  const readable = scope.getStore() ?? null;
  if (readable === null) return;
  const { folders, advice } = readable;
  for (const path of paths) {
    if (!folders.some((folder) => liesIn(folder, path))) throw new UserError(`${path}: ${advice}`);
  }
}

/** Whether the running work may read a path. */
export function mayRead(path: string): boolean {
  return readableFolders()?.some((folder) => liesIn(folder, path)) ?? true;
}

/** Whether a path lies in a folder, links included; of one that is not there, where it would be made. */
export function liesIn(folder: string, path: string): boolean {
  let there = pathFrom('.', path);
  while (!existsSync(there) && there !== dirname(there)) there = dirname(there);
  return isInside(realPath(folder), realPath(there));
}
