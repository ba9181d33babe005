import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UserError } from '../errors.ts';
import { EXPORT_ADVICE, moveInPlace, noRoomError, syncPath } from './durable.ts';

/**
 * Fills a folder of files, whole or not at all: `write` fills another one beside it, which is synced and renamed. One that is there
 * is replaced. Throws UserError where it is a file, where the folder that it is to be in is missing, and where there is no room.
 */
export async function writeWholeFolder<T>(path: string, write: (partial: string) => Promise<T>): Promise<T> {
  const folder = resolve(path);
  const existing = existingFolder(folder);
  const partial = join(dirname(folder), `.${basename(folder)}.${randomBytes(4).toString('hex')}.partial`);
  try {
    mkdirSync(partial);
    const written = await write(partial);
    for (const file of readdirSync(partial, { recursive: true, encoding: 'utf8' }))
      syncPath(join(partial, file));
    if (existing) rmSync(folder, { recursive: true, maxRetries: 3 });
    moveInPlace(partial, folder);
    syncPath(dirname(folder));
    return written;
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw noRoomError(error, dirname(folder), EXPORT_ADVICE) ?? error;
  }
}

/** Throws UserError where a folder holds something, or cannot be one. */
export function requireEmptyFolder(folder: string): void {
  const [held] = existingFolder(folder) ?? [];
  if (held !== undefined)
    throw new UserError(`${folder}: holds something (${held}); name a new folder, or an empty one`);
}

/** What is in a folder, or null where there is none yet. Throws UserError where it cannot be one. */
export function existingFolder(folder: string): string[] | null {
  const existing = statSync(folder, { throwIfNoEntry: false });
  if (existing && !existing.isDirectory()) throw new UserError(`${folder}: is a file; name a folder`);
  if (!existing && !existsSync(dirname(folder)))
    throw new UserError(`${folder}: there is no folder ${dirname(folder)}; create it first`);
  return existing ? readdirSync(folder) : null;
}
