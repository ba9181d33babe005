/** Files that are whole or not there, and what is said where a file finds no room. */
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Fix, messageOf, UserError } from '../errors.ts';

/**
 * Writes a file under a temporary name beside it, syncs it and renames it, so that a reader (or a crash) sees the old
 * file or the whole new one. What goes wrong is thrown as it came, and nothing is left behind. `before` is called last before the
 * new one takes its place, which it does not where that throws.
 */
export function writeDurably(
  path: string,
  parts: readonly Uint8Array[],
  mode = 0o600,
  before?: () => void,
): void {
  const folder = dirname(path);
  const partial = join(folder, `.${basename(path)}.${randomBytes(4).toString('hex')}.partial`);
  try {
    // Of a home, which is its user's alone; what is exported is let out by whoever exports it.
    const file = openSync(partial, 'wx', mode);
    try {
      for (const part of parts) {
        for (let at = 0; at < part.length; ) at += writeSync(file, part, at);
      }
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    before?.();
    moveInPlace(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
  syncPath(folder);
}

/** For so long Windows may refuse to rename what another program reads: a scanner, an indexer, a backup. */
const RENAME_MS = 5_000;
const PAUSE_MS = 25;

/** Renames a file or folder; where another program holds it open for a moment, that is waited for. Throws as rename does. */
export function moveInPlace(from: string, to: string, rename = renameSync): void {
  const deadline = performance.now() + RENAME_MS;
  for (;;) {
    try {
      rename(from, to);
      return;
    } catch (error) {
      const isHeld = error instanceof Error && /\b(EPERM|EACCES|EBUSY)\b/.test(error.message);
      if (!isHeld || process.platform !== 'win32' || performance.now() > deadline) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}

/** Tries of Windows to remove what another one reads, each 0.1 s later than the one before: 12 s in all. */
const TRIES = process.platform === 'win32' ? 15 : 3;

/** Removes a folder with all that is in it; a reader of one of its files, as a query over a data set, is waited for. */
export const removeFolder = (path: string) => rm(path, { recursive: true, force: true, maxRetries: TRIES });

/** Whether a path is of a file that `writeDurably` was writing: a killed process leaves it behind. */
export const isPartial = (path: string): boolean => partialOf(basename(path)) !== null;

/** The name of the file that one of such a name was to become; null for any other name. */
export const partialOf = (name: string): string | null =>
  /^\.(.+)\.[0-9a-f]{8}\.partial$/.exec(name)?.[1] ?? null;

/** Makes a file's content, or a folder's names, survive a power cut. */
export function syncPath(path: string): void {
  const windows = process.platform === 'win32';
  // Windows cannot open a folder for syncing, and syncs only files opened for writing.
  if (windows && statSync(path).isDirectory()) return;
  const file = openSync(path, windows ? 'r+' : 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** What a user may still write on a folder's disk; null where that cannot be found out, as of a folder that is gone. */
export function freeBytes(folder: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}

/** Whether an error of Node, DuckDB or SQLite says that there is no space left. */
export function isDiskFull(error: unknown): boolean {
  return /no space left on device|ENOSPC|EDQUOT|max_temp_directory_size|database or disk is full|disk quota|not enough space/i.test(
    messageOf(error),
  );
}

/** Why there was no room for a file: the disk, or a limit on the size of files (`ulimit -f`); null for another error. */
export function noRoom(error: unknown): string | null {
  if (isDiskFull(error)) return 'the disk is full';
  const tooLarge = /EFBIG|file too large/i.test(messageOf(error));
  return tooLarge ? 'this shell or the file system allows no file of this size' : null;
}

/** `fix`: advice for a full disk; `again`: the step to repeat once the limit on file sizes is raised. */
export interface NoRoomAdvice {
  kept?: string;
  fix: Fix;
  again: string;
}

/** For an export that finds no room where it was to go. */
export const EXPORT_ADVICE: NoRoomAdvice = {
  fix: 'free some space or choose another folder, then export again',
  again: 'export again',
};

/** The message for a user where a file found no room: where, why, what was kept and what to do. Null for another error. */
export function noRoomError(
  error: unknown,
  folder: string,
  { kept, fix, again }: NoRoomAdvice,
): UserError | null {
  const reason = noRoom(error);
  if (reason === null) return null;
  const full = isDiskFull(error);
  const bytes = full ? freeBytes(folder) : null;
  const left = bytes === null ? '' : ` (${Math.floor(bytes / 2 ** 20)} MiB left)`;
  return new UserError({
    code: 'disk-full',
    problem: `${folder}: ${reason}${left}`,
    kept,
    fix: full ? fix : `raise the limit (ulimit -f unlimited) or choose another disk, and ${again}`,
  });
}

/** Without the message, which may name a temporary file that means nothing to the user. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return noRoom(error) ?? String(code ?? error);
}
