/**
 * A home moves in two stages. To another disk it is first copied and verified, and nothing else changes. Then
 * every entry is renamed. The plan is written down beforehand, so that a move that is
 * interrupted there is finished at the next start.
 */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  createReadStream,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf, throwIfCancelled, UserError } from '../../core/errors.ts';
import { freeBytes, syncPath } from '../../core/files/durable.ts';
import { isAlive, ownIdentity } from '../../core/process-identity.ts';
import type { HeldDatabase } from '../../core/store/db/held-database.ts';
import { DATABASE, isHome } from '../../core/store/home/home-paths.ts';
import { type PendingMove, readChoice, writeChoice } from './choice.ts';

/** Where the copy is made, inside the folder that becomes the home. */
export const INCOMING = '.tessera-incoming';
/** Entries that belong to a home; the default folder holds files of Electron too. */
const OWN = [
  /^(tessera\.db|backups|datasets|runs|uploads)$/,
  /^tessera-before-migration-from-\d+\.db$/,
  /^tessera-replaced-\d{8}-\d{9}\.db(-wal|-shm)?$/,
];
/** A home is its user's alone. */
const PRIVATE = 0o700;
const CHUNK = 2 ** 20;

/** Names of what belongs to a home, the database first: without it a folder is not a home. */
export function ownEntries(home: string): string[] {
  const names = existsSync(home) ? readdirSync(home) : [];
  const own = names.filter((name) => OWN.some((pattern) => pattern.test(name)));
  return own.sort((a, b) => Number(b === DATABASE) - Number(a === DATABASE));
}

/** The nearest existing folder, from a path upwards. */
export function existingFolder(path: string): string {
  for (let folder = path; ; folder = dirname(folder)) {
    if (existsSync(folder) || folder === dirname(folder)) return folder;
  }
}

/** Whether renaming is enough to move the home to a folder. */
export function isSameDisk(home: string, to: string): boolean {
  const { dev } = lstatSync(existingFolder(to));
  return ownEntries(home).every((name) => lstatSync(join(home, name)).dev === dev);
}

export interface CopyProgress {
  /** Bytes written and read back. */
  done: number;
  total: number;
}

/**
 * Copies a home into the incoming folder of `to`, reads every file back and compares its SHA-256. Throws UserError
 * if there is too little space or a copy differs, and CancelledError when the signal fires; then nothing is left.
 */
export async function copyHome(
  home: string,
  to: string,
  database: HeldDatabase,
  { onProgress, signal }: { onProgress(progress: CopyProgress): void; signal?: AbortSignal },
): Promise<string> {
  const incoming = join(to, INCOMING);
  const files = ownEntries(home).flatMap((name) => filesOf(home, name));
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  rmSync(incoming, { recursive: true, force: true });
  mkdirSync(incoming, { recursive: true, mode: PRIVATE });
  try {
    const free = freeBytes(incoming);
    if (free !== null && free < bytes) throw tooLittle(to, bytes, free);
    const progress = { done: 0, total: 2 * bytes };
    const onBytes = (count: number) => {
      progress.done += count;
      onProgress({ ...progress });
    };
    for (const { name, size, kind, mode } of files) {
      throwIfCancelled(signal);
      const [source, target] = [join(home, name), join(incoming, name)];
      if (kind === 'folder') mkdirSync(target, mode | PRIVATE);
      else if (kind === 'link') symlinkSync(readlinkSync(source), target);
      else if (name === DATABASE) {
        await database.copyTo(target);
        chmodSync(target, mode);
        onBytes(2 * size);
      } else await copyFile(source, target, { mode, onBytes, signal });
    }
    for (const { name, kind } of files.toReversed()) {
      if (kind === 'folder' || name === DATABASE) syncPath(join(incoming, name));
    }
    syncPath(incoming);
    return incoming;
  } catch (error) {
    rmSync(incoming, { recursive: true, force: true });
    throw error;
  }
}

interface Entry {
  /** Relative to the home. */
  name: string;
  size: number;
  kind: 'file' | 'folder' | 'link';
  /** Permissions. */
  mode: number;
}

/** Folders come before their content. */
function filesOf(home: string, name: string): Entry[] {
  const status = lstatSync(join(home, name));
  const mode = status.mode & 0o777;
  if (status.isSymbolicLink()) return [{ name, size: 0, kind: 'link', mode }];
  if (!status.isDirectory()) return [{ name, size: status.size, kind: 'file', mode }];
  const inside = readdirSync(join(home, name)).flatMap((child) => filesOf(home, join(name, child)));
  return [{ name, size: 0, kind: 'folder', mode }, ...inside];
}

interface CopyOptions {
  mode: number;
  onBytes(count: number): void;
  signal?: AbortSignal;
}

async function copyFile(
  source: string,
  target: string,
  { mode, onBytes, signal }: CopyOptions,
): Promise<void> {
  const hash = createHash('sha256');
  const file = await open(target, 'wx', mode);
  try {
    for await (const part of createReadStream(source, { highWaterMark: CHUNK })) {
      throwIfCancelled(signal);
      hash.update(part);
      await file.appendFile(part);
      onBytes(part.length);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  const written = createHash('sha256');
  for await (const part of createReadStream(target, { highWaterMark: CHUNK })) {
    throwIfCancelled(signal);
    written.update(part);
    onBytes(part.length);
  }
  if (hash.digest('hex') !== written.digest('hex')) {
    throw new UserError({
      code: 'bad-home',
      problem: `${target} does not read back as written`,
      kept: 'the data stays where it was',
      fix: 'check that disk',
    });
  }
}

function tooLittle(to: string, needed: number, free: number): UserError {
  const mib = (bytes: number) => `${Math.ceil(bytes / 2 ** 20)} MiB`;
  return new UserError(
    `${to}: ${mib(needed)} are needed and ${mib(free)} are free: make room, or choose another`,
  );
}

/** Renames the entries that are still in `from`; those already in `to` stay. */
export function renameEntries(from: string, to: string): void {
  mkdirSync(to, { recursive: true, mode: PRIVATE });
  for (const name of ownEntries(from)) {
    if (!existsSync(join(to, name))) renameSync(join(from, name), join(to, name));
  }
  syncPath(to);
}

/** Finishes a move whose entries are all in place: removes the copied home, and stores the new one. */
export function settleMove(choiceFile: string, move: PendingMove): void {
  rmSync(join(move.to, INCOMING), { recursive: true, force: true });
  if (move.copied !== null && isHome(move.to)) removeCopied(move.copied);
  removeEmpty(move.copied ?? move.from);
  writeChoice(choiceFile, { home: move.to, move: null });
}

/** Files that cannot be removed stay: the new home is complete. */
function removeCopied(home: string): void {
  for (const name of ownEntries(home)) {
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

/**
 * Finishes an interrupted move, however far it had come. Throws UserError if that is impossible, or while a living process
 * is at it.
 */
export function finishInterrupted(choiceFile: string): void {
  const move = pendingMove(choiceFile);
  if (move === null) return;
  const own = ownIdentity();
  if (move.by && move.by.pid !== own.pid && isAlive(move.by, statSync(choiceFile).mtimeMs)) {
    throw new UserError(
      `the data folder is being moved to ${move.to} by process ${move.by.pid}: try again once that is done`,
    );
  }
  try {
    const { home } = readChoice(choiceFile);
    writeChoice(choiceFile, { home, move: { ...move, by: own } });
    renameEntries(move.from, move.to);
    settleMove(choiceFile, move);
  } catch (error) {
    throw new UserError(
      `the data folder was being moved from ${move.copied ?? move.from} to ${move.to}, and that cannot be finished ` +
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
