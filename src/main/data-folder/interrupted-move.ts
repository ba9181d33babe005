/**
 * Earlier versions moved a home themselves: a copy on another disk, if one was needed, and then every entry was renamed. Before
 * that they wrote the plan beside the choice of the folder, and what they left half done is finished here. Every step may be
 * repeated, so that several processes can do so at once.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, UserError } from '../../core/errors.ts';
import { syncPath } from '../../core/files/durable.ts';
import { isAlive } from '../../core/process-identity.ts';
import { DATABASE, isHome } from '../../core/store/home/home-paths.ts';
import { type PendingMove, readChoice, writeChoice } from './choice.ts';

/** Where the copy was made, inside the folder that becomes the home. */
export const INCOMING = '.tessera-incoming';
/** Entries that belong to a home; the default folder holds files of Electron too. */
const HOME_ENTRIES = [
  /^(tessera\.db|backups|datasets|runs|uploads)$/,
  /^tessera-before-migration-from-[\d-]+\.db$/,
  /^tessera-replaced-\d{8}-\d{9}\.db(-wal|-shm)?$/,
];
/** A home is its user's alone. */
const PRIVATE = 0o700;

/** Names of what belongs to a home, the database first: without it a folder is not a home. */
function homeEntries(home: string): string[] {
  const names = namesIn(home).filter((name) => HOME_ENTRIES.some((pattern) => pattern.test(name)));
  return names.sort((a, b) => Number(b === DATABASE) - Number(a === DATABASE));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (existsSync(folder)) throw error;
    return [];
  }
}

/**
 * Finishes an interrupted move, however far it had come. Throws UserError if that is impossible, or while a living process
 * of an earlier version is at it.
 */
export function finishInterrupted(choiceFile: string): void {
  const move = pendingMove(choiceFile);
  if (move === null) return;
  const { from, to, copied, by } = move;
  if (by && by.pid !== process.pid && isAlive(by, statSync(choiceFile).mtimeMs)) {
    throw new UserError(
      `the data folder is being moved to ${to} by process ${by.pid}: try again once that is done`,
    );
  }
  try {
    mkdirSync(to, { recursive: true, mode: PRIVATE });
    for (const name of homeEntries(from)) renameInto(to, from, name);
    syncPath(to);
    if (!isHome(to)) throw new UserError(`${DATABASE} is in neither: connect their disks`);
    rmSync(join(to, INCOMING), { recursive: true, force: true });
    if (copied !== null) removeCopied(copied);
    removeEmpty(copied ?? from);
    writeChoice(choiceFile, { home: to, move: null });
  } catch (error) {
    throw new UserError(
      `the data folder was being moved from ${copied ?? from} to ${to}, and that cannot be finished ` +
        `(${messageOf(error)}): make both folders writable and start again; nothing is lost`,
    );
  }
}

/** An unreadable file is reported later, when the choice is needed. */
function pendingMove(choiceFile: string): PendingMove | null {
  try {
    return readChoice(choiceFile).move;
  } catch {
    return null;
  }
}

/** What is in place already, or has meanwhile been put there by another process, stays. */
function renameInto(to: string, from: string, name: string): void {
  if (existsSync(join(to, name))) return;
  try {
    renameSync(join(from, name), join(to, name));
  } catch (error) {
    if (existsSync(join(from, name)) || !existsSync(join(to, name))) throw error;
  }
}

/** Files that cannot be removed stay: the new home is complete. */
function removeCopied(home: string): void {
  for (const name of homeEntries(home)) {
    try {
      rmSync(join(home, name), { recursive: true, force: true, maxRetries: 3 });
    } catch {
      // Without its database, which is removed first, the rest is not a home.
    }
  }
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It holds files of the user, or it is the root of a disk.
  }
}
