import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UserError } from '../errors.ts';
import { EXPORT_ADVICE, moveInPlace, noRoomError, reasonOf, syncPath } from './durable.ts';

/**
 * Fills a folder of files, whole or not at all: `write` fills another one beside it, which is synced and renamed. Of one that is
 * there the files `replaced` go, and all others come along, also those that were added meanwhile. Folders that it is to be in are made.
 * Throws UserError where it is a file, where it cannot be made, and where there is no room.
 */
export async function writeWholeFolder<T>(
  path: string,
  write: (partial: string) => Promise<T>,
  replaced: readonly string[] = [],
): Promise<T> {
  const folder = resolve(path);
  const existing = existingFolder(folder);
  const beside = (end: string) =>
    join(dirname(folder), `.${basename(folder)}.${randomBytes(4).toString('hex')}.${end}`);
  const partial = beside('partial');
  const made = makeFolders(dirname(folder), 'choose another folder');
  try {
    mkdirSync(partial);
    const written = await write(partial);
    for (const file of readdirSync(partial, { recursive: true, encoding: 'utf8' }))
      syncPath(join(partial, file));
    const old = existing && beside('replaced');
    if (old) moveInPlace(folder, old);
    try {
      moveInPlace(partial, folder);
    } catch (error) {
      if (old) moveInPlace(old, folder);
      throw error;
    }
    syncPath(dirname(folder));
    if (old) bringAlong(old, folder, replaced);
    return written;
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    if (made !== null) removeEmpty(dirname(folder), made);
    throw noRoomError(error, dirname(folder), EXPORT_ADVICE) ?? error;
  }
}

/** Makes a folder with those that it is in. Returns the outermost that was made, or null. Throws UserError, with `fix`, where it cannot be made. */
export function makeFolders(folder: string, fix: string): string | null {
  try {
    return mkdirSync(folder, { recursive: true }) ?? null;
  } catch (error) {
    const code = reasonOf(error);
    const reason = code === 'EEXIST' || code === 'ENOTDIR' ? 'a file is in its way' : code;
    throw new UserError(`${folder}: cannot be made (${reason}); ${fix}`);
  }
}

/** Takes folders away from the inside out, as far as nothing is in them. */
function removeEmpty(inner: string, outer: string): void {
  try {
    for (let folder = inner; folder.length >= outer.length; folder = dirname(folder)) rmdirSync(folder);
  } catch {
    // One that has something, or that another program has taken away.
  }
}

/** What is not replaced, and has no file of its name now, moves; the old folder goes once it is empty. */
function bringAlong(old: string, folder: string, replaced: readonly string[]): void {
  for (const name of replaced) rmSync(join(old, name), { force: true, maxRetries: 3 });
  for (const name of readdirSync(old)) {
    if (!existsSync(join(folder, name))) moveInPlace(join(old, name), join(folder, name));
  }
  if (readdirSync(old).length === 0) rmdirSync(old);
}

/** What a file manager leaves in every folder that it has shown. */
const LEFT_BY_OTHERS = ['.DS_Store', 'Thumbs.db', 'desktop.ini'];

/** Of the files in a folder, those that somebody put there. */
export function filesPutThere(names: readonly string[]): string[] {
  return names.filter((name) => !LEFT_BY_OTHERS.includes(name));
}

/** Throws UserError where a folder holds something, or cannot be one. */
export function requireEmptyFolder(folder: string): void {
  const [held] = filesPutThere(existingFolder(folder) ?? []);
  if (held !== undefined)
    throw new UserError(`${folder}: holds something (${held}); name a new folder, or an empty one`);
}

/** What is in a folder, or null where there is none yet. Throws UserError where it cannot be one. */
export function existingFolder(folder: string): string[] | null {
  const existing = statSync(folder, { throwIfNoEntry: false });
  if (existing && !existing.isDirectory()) throw new UserError(`${folder}: is a file; name a folder`);
  return existing ? readdirSync(folder) : null;
}
